// Draws, asks the server, and shows what it answers. The server makes the network's 28x28 of a
// picture: here pictures are only decoded, shrunk and turned gray.

const SIDE = 280;  // the drawing is SIDE x SIDE units, and is sent as so many pixels
const PEN = 17;  // the pen's width, in units
const STEP = 7;  // how far an arrow key moves the pen, in units
const PICTURE_SIDE = 1024;  // the longer side of a picture that is sent, at most, in pixels
const LEAST_PICTURE_SIDE = 256;  // of one that a slow connection made smaller
const ANSWER_TIMEOUT = 10_000;  // ms
const RETRY_AFTER = 2_000;  // ms
const SETTLED_AFTER = 1_000;  // ms without another answer until one is read out
const PALM_TIME = 1_000;  // ms after a pen was last near in which touches are a palm's

const byId = (id) => document.getElementById(id);
const drawing = byId('drawing');
const modelChoice = byId('model');

// What was done to the sheet, oldest first; undo takes the last away. A mark is a stroke, {points},
// or a picture, {picture: canvas}, or nothing at all; `fresh` ones begin on an empty sheet.
let marks = [{ fresh: true }];

function visibleMarks() {
  return marks.slice(marks.findLastIndex((mark) => mark.fresh));
}

const isEmpty = () => !visibleMarks().some((mark) => mark.points || mark.picture);

function addMark(mark) {
  // Undo goes back over one fresh mark, so that the memory of pictures is bounded.
  if (mark.fresh) marks = visibleMarks();
  marks.push(mark);
  changed();
}

function removeMark() {
  if (marks.length > 1) marks.pop();
  changed();
}

function newCanvas(width, height) {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  return canvas;
}

function paintStroke(context, points) {
  context.beginPath();
  context.moveTo(points[0].x, points[0].y);
  for (let i = 1; i < points.length - 1; i++) {
    const [p, q] = [points[i], points[i + 1]];
    context.quadraticCurveTo(p.x, p.y, (p.x + q.x) / 2, (p.y + q.y) / 2);
  }
  const last = points[points.length - 1];
  context.lineTo(last.x, last.y + 0.01);  // so that a tap is a dot
  context.stroke();
}

// Paints the sheet on a context of SIDE x SIDE units.
function paintMarks(context, ink) {
  context.lineWidth = PEN;
  context.lineCap = context.lineJoin = 'round';
  context.strokeStyle = ink;
  for (const { points, picture } of visibleMarks()) {
    if (points) paintStroke(context, points);
    if (picture) {
      const scale = SIDE / Math.max(picture.width, picture.height);
      const [width, height] = [picture.width * scale, picture.height * scale];
      context.drawImage(picture, (SIDE - width) / 2, (SIDE - height) / 2, width, height);
    }
  }
}

// The sheet as the user sees it.
function paint() {
  const side = Math.round(drawing.clientWidth * devicePixelRatio);
  drawing.width = drawing.height = side;
  const context = drawing.getContext('2d');
  context.scale(side / SIDE, side / SIDE);
  context.imageSmoothingQuality = 'high';
  const style = getComputedStyle(drawing);
  paintMarks(context, style.color);
  if (cursor.shown) {
    context.beginPath();
    context.arc(cursor.x, cursor.y, PEN / 2 + 3, 0, 2 * Math.PI);
    context.lineWidth = 3;
    context.strokeStyle = style.getPropertyValue('--orange');
    context.stroke();
  }
  byId('invitation').hidden = !isEmpty() || cursor.shown;
}

let painting = 0;

function paintSoon() {
  cancelAnimationFrame(painting);
  painting = requestAnimationFrame(paint);
}

let pictureSide = PICTURE_SIDE;  // halved where the connection is too slow

// The canvas that is sent: a picture alone as it is, strokes in black on white.
function sheetToSend() {
  const [{ picture }] = visibleMarks();
  if (picture) {
    return Math.max(picture.width, picture.height) > pictureSide ? shrunk(picture) : picture;
  }
  const canvas = newCanvas(SIDE, SIDE);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.fillStyle = '#fff';
  context.fillRect(0, 0, SIDE, SIDE);
  paintMarks(context, '#000');
  return canvas;
}

// Whether the next try can send a smaller picture than this one.
function shrinkNext({ width, height }) {
  const side = Math.max(width, height);
  if (!visibleMarks()[0].picture || side <= LEAST_PICTURE_SIDE) return false;
  pictureSide = Math.max(LEAST_PICTURE_SIDE, Math.round(side / 2));
  return true;
}

// One byte a pixel by Rec. 601, in base64. The canvas is opaque.
function grayPixels(canvas) {
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const gray = new Uint8Array(data.length / 4);
  for (let i = 0, j = 0; i < gray.length; i++, j += 4) {
    gray[i] = Math.round(0.299 * data[j] + 0.587 * data[j + 1] + 0.114 * data[j + 2]);
  }
  let text = '';
  for (let i = 0; i < gray.length; i += 8192) {
    text += String.fromCharCode(...gray.subarray(i, i + 8192));
  }
  return btoa(text);
}

// ---- Asking

let models = [];
let stale = true;  // the models are to be asked for first
let asking = false;
let unanswered = false;  // the sheet or the model changed since the last question
let retry = 0;

function changed() {
  paintSoon();
  tell('');
  ask();
}

// One question is on its way at a time; what changes meanwhile is asked at once when it is back.
async function ask() {
  clearTimeout(retry);
  unanswered = true;
  if (asking) return;
  asking = true;
  byId('answer').setAttribute('aria-busy', 'true');
  while (unanswered) {
    await new Promise(requestAnimationFrame);
    unanswered = false;
    await askOnce();
  }
  byId('answer').setAttribute('aria-busy', 'false');
  asking = false;
}

async function fetchJson(path, options) {
  let response;
  let body;
  try {
    response = await fetch(path, { ...options, signal: AbortSignal.timeout(ANSWER_TIMEOUT) });
    body = await response.text();
  } catch ({ name }) {
    throw { message: 'The server does not answer.', again: true, late: name === 'TimeoutError' };
  }
  let json = null;
  let message = `The server answered ${response.status} and no more.`;
  try {
    json = JSON.parse(body);
  } catch {
    message = `The server answered ${response.status} with something else than JSON.`;
  }
  if (response.ok && json) return { json, response };
  throw { message, ...json?.error, again: response.status === 429 || response.status >= 502 };
}

// Keeps the choice where it is still served, and asks anew where it is not.
async function loadModels() {
  const { json } = await fetchJson('v1/models');
  models = json.models;
  stale = false;
  const chosen = modelChoice.value;
  modelChoice.replaceChildren(...models.map(({ name }) => new Option(name)));
  if (models.some(({ name }) => name === chosen)) modelChoice.value = chosen;
  else unanswered = unanswered || chosen !== '';
  showModel();
}

async function askOnce() {
  const learned = stale;
  let sheet = null;
  try {
    if (stale) await loadModels();
    if (isEmpty()) return showNothing();
    sheet = sheetToSend();
    const picture = { width: sheet.width, height: sheet.height, pixels: grayPixels(sheet) };
    const model = modelChoice.value;
    const begun = performance.now();
    const { json, response } = await fetchJson('v1/classify', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ picture, model, return_image: true }),
    });
    const took = performance.now() - begun;
    const outdated = () => isEmpty() || model !== modelChoice.value;  // asked again
    if (outdated()) return;
    if (json.version !== selectedModel().version) await loadModels();
    if (outdated()) return;
    showAnswer(json);
    showTime(took, response.headers.get('Server-Timing'));
  } catch ({ message, code, reason, again, late }) {
    if (reason === 'BLANK') {
      showNothing('Nothing to read', 'No ink stands out from its paper here.');
      return;
    }
    if (code === 'NOT_FOUND' && !learned) {
      stale = unanswered = true;
      return;
    }
    const slow = late && sheet && shrinkNext(sheet);
    const why = slow ? 'The connection is too slow for this picture.' : message;
    showNothing('No answer', again ? `${why} Trying again …` : why, 'empty failed');
    if (again) retry = setTimeout(ask, RETRY_AFTER);
  }
}

// ---- Showing

let speech = 0;

function say(text, delay = 0) {
  clearTimeout(speech);
  speech = setTimeout(() => {
    const spoken = byId('spoken');
    if (spoken.textContent !== text) spoken.textContent = text;  // the same would be read again
  }, delay);
}

// What is the matter with a file; until something else is brought or drawn.
function tell(text) {
  byId('note').textContent = text;
}

// Never "100 %" of what is not certain.
function percent(share) {
  return `${(Math.floor(Math.min(share, 0.9999) * 1000) / 10).toFixed(1)}\u00a0%`;
}

const selectedModel = () => models.find(({ name }) => name === modelChoice.value);

function showModel() {
  const { class_names: names, layers, precision, version } = selectedModel();
  const sizes = [layers[0].inputs, ...layers.map(({ outputs }) => outputs)];
  byId('network').textContent = `${version} · ${sizes.join('–')} · ${precision}`;
  byId('bars').replaceChildren(...names.map((name) => {
    const row = document.createElement('tr');
    const head = row.appendChild(document.createElement('th'));
    head.scope = 'row';
    head.textContent = name;
    const track = row.insertCell();
    track.className = 'track';
    track.append(document.createElement('span'));
    row.insertCell();
    return row;
  }));
}

function showBars(probabilities, label) {
  [...byId('bars').rows].forEach((row, i) => {
    row.classList.toggle('top', i === label);
    row.cells[1].firstChild.style.setProperty('--share', probabilities[i] ?? 0);
    row.cells[2].textContent = i in probabilities ? percent(probabilities[i]) : '';
  });
}

function showNothing(headline = 'Nothing read yet', why = '', className = 'empty') {
  byId('answer').className = className;
  byId('label').textContent = '';
  byId('sureness').textContent = headline;
  byId('kinship').textContent = why;
  byId('time').textContent = '';
  byId('seen').getContext('2d').clearRect(0, 0, 28, 28);
  showBars([], -1);
  say(why);
}

function showAnswer(answer) {
  const { label, label_name: name, confidence, probabilities, is_digit: known, image } = answer;
  const noun = selectedModel().class_names.every((c) => /^\d$/.test(c)) ? 'digit' : 'class';
  const stranger = known === false;
  const reading = stranger
    ? [`Unlike any ${noun}`, `Nearest: ${name}, ${percent(confidence)}`]
    : [`${percent(confidence)} sure`, known ? `Looks like a ${noun}` : ''];
  byId('answer').className = stranger ? 'stranger' : '';
  byId('label').textContent = stranger ? '?' : name;
  [byId('sureness').textContent, byId('kinship').textContent] = reading;
  showBars(probabilities, label);
  showSeen(Uint8Array.from(atob(image), (c) => c.charCodeAt(0)));
  say(stranger ? reading.join('. ') : `${name}, ${reading[0]}`, SETTLED_AFTER);
}

function showSeen(pixels) {
  const seen = new ImageData(28, 28);
  pixels.forEach((ink, i) => seen.data.set([ink, ink, ink, 255], 4 * i));
  byId('seen').getContext('2d').putImageData(seen, 0, 0);
}

function showTime(took, serverTiming) {
  const server = /\btotal;dur=([\d.]+)/.exec(serverTiming)?.[1];
  const share = server ? `, ${Number(server).toFixed(1)} ms of them in the server` : '';
  byId('time').textContent = `Answered in ${took.toFixed(1)} ms${share}`;
}

// ---- Drawing by mouse, pen and finger

let stroke = null;  // the one under way
let pointer = null;  // the pointer that draws it
let penSeen = -PALM_TIME;  // when a pen was last near

function beginStroke(point) {
  stroke = [point];
  addMark({ points: stroke, fresh: Boolean(visibleMarks()[0].picture) });
}

function extendStroke(points) {
  stroke.push(...points);
  changed();
}

function endStroke() {
  stroke = pointer = null;
  cursor.down = false;
}

function pointOf(event) {
  const scale = SIDE / drawing.clientWidth;
  const box = drawing.getBoundingClientRect();
  return {
    x: (event.clientX - box.left - drawing.clientLeft) * scale,
    y: (event.clientY - box.top - drawing.clientTop) * scale,
  };
}

function notePen(event) {
  if (event.pointerType === 'pen') penSeen = event.timeStamp;
}

drawing.addEventListener('pointerdown', (event) => {
  notePen(event);
  const palm = event.pointerType === 'touch' && event.timeStamp - penSeen < PALM_TIME;
  if (event.button !== 0 || palm) return;
  if (pointer !== null && event.pointerId !== pointer) {  // the same one's end was not told
    if (event.pointerType !== 'pen') return;  // another finger
    removeMark();  // the palm was there before the pen
  }
  endStroke();
  cursor.shown = false;
  pointer = event.pointerId;
  drawing.setPointerCapture(pointer);
  beginStroke(pointOf(event));
});
drawing.addEventListener('pointermove', (event) => {
  notePen(event);
  if (event.pointerId !== pointer) return;
  const events = event.getCoalescedEvents?.() ?? [];
  extendStroke((events.length > 0 ? events : [event]).map(pointOf));
});
drawing.addEventListener('pointerup', (event) => {
  if (event.pointerId === pointer) endStroke();
});
drawing.addEventListener('pointercancel', (event) => {
  if (event.pointerId !== pointer) return;
  endStroke();
  removeMark();
});

// ---- Drawing by keyboard

const cursor = { x: SIDE / 2, y: SIDE / 4, down: false, shown: false };
const held = new Set();  // arrow keys: two at once move aslant

function moveCursor(event) {
  held.add(event.key);
  const step = event.shiftKey ? STEP / 3.5 : STEP;
  const along = (more, less) => step * (held.has(more) - held.has(less));
  const within = (value) => Math.min(Math.max(value, PEN / 2), SIDE - PEN / 2);
  cursor.x = within(cursor.x + along('ArrowRight', 'ArrowLeft'));
  cursor.y = within(cursor.y + along('ArrowDown', 'ArrowUp'));
  if (cursor.down) extendStroke([{ x: cursor.x, y: cursor.y }]);
}

function togglePen({ repeat }) {
  if (repeat) return;  // the key is held down
  if (cursor.down) {
    endStroke();
  } else {
    beginStroke({ x: cursor.x, y: cursor.y });
    cursor.down = true;
  }
  say(cursor.down ? 'Pen down' : 'Pen up');
}

function undo() {
  endStroke();
  removeMark();
}

function clear() {
  endStroke();
  if (!isEmpty()) addMark({ fresh: true });
}

const KEYS = {
  ' ': togglePen,
  Backspace: undo,
  Delete: clear,
  ArrowLeft: moveCursor,
  ArrowRight: moveCursor,
  ArrowUp: moveCursor,
  ArrowDown: moveCursor,
};

drawing.addEventListener('keydown', (event) => {
  const action = KEYS[event.key];
  if (!action || event.ctrlKey || event.metaKey || event.altKey || pointer !== null) return;
  event.preventDefault();
  cursor.shown = true;
  action(event);
  paintSoon();
});
drawing.addEventListener('keyup', (event) => held.delete(event.key));
drawing.addEventListener('focus', () => {
  cursor.shown = drawing.matches(':focus-visible');
  paintSoon();
});
drawing.addEventListener('blur', () => {
  held.clear();
  if (pointer === null) endStroke();
  cursor.shown = false;
  paintSoon();
});
document.addEventListener('keydown', (event) => {
  if (event.key !== 'z' || !(event.ctrlKey || event.metaKey) || event.shiftKey) return;
  event.preventDefault();
  undo();
});
byId('undo').addEventListener('click', undo);
byId('clear').addEventListener('click', clear);

// ---- Pictures

let arrivals = 0;

// A copy whose longer side is pictureSide at most.
function shrunk(picture) {
  const scale = Math.min(1, pictureSide / Math.max(picture.width, picture.height));
  const scaled = (length) => Math.max(1, Math.round(length * scale));
  const canvas = newCanvas(scaled(picture.width), scaled(picture.height));
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.imageSmoothingQuality = 'high';
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas;
}

// What is transparent becomes as trainer/data/png_decoder.h says: of paper, which is half the
// picture at least and not of one gray, it is what the most is; of ink it is the opposite.
function backgroundOf({ data }) {
  let [opacity, sum, squares] = [0, 0, 0];
  for (let j = 0; j < data.length; j += 4) {
    const gray = 0.299 * data[j] + 0.587 * data[j + 1] + 0.114 * data[j + 2];
    opacity += data[j + 3];
    sum += data[j + 3] * gray;
    squares += data[j + 3] * gray * gray;
  }
  const mean = sum / opacity;
  const isPaper = opacity >= 0.5 * 255 * data.length / 4 && squares / opacity - mean * mean >= 256;
  return isPaper === (mean >= 128) ? '#fff' : '#000';
}

// Upright, opaque, its longer side at most pictureSide.
async function readPicture(file) {
  const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' });
  const canvas = shrunk(bitmap);
  bitmap.close();
  const context = canvas.getContext('2d');
  context.fillStyle = backgroundOf(context.getImageData(0, 0, canvas.width, canvas.height));
  context.globalCompositeOperation = 'destination-over';
  context.fillRect(0, 0, canvas.width, canvas.height);
  return canvas;
}

async function bringPicture(file) {
  if (!file) return;
  const arrival = ++arrivals;
  try {
    const picture = await readPicture(file);
    if (arrival !== arrivals) return;  // another one came meanwhile
    endStroke();
    addMark({ picture, fresh: true });
  } catch {
    tell(`“${file.name}” is no picture that this browser can read. PNG, JPEG and WebP are.`);
  }
}

for (const id of ['choose', 'photograph']) {
  byId(id).addEventListener('change', ({ target }) => {
    bringPicture(target.files[0]);
    target.value = '';  // so that the same file can be chosen again
  });
}
document.addEventListener('paste', (event) => bringPicture(event.clipboardData.files[0]));
document.addEventListener('dragover', (event) => {
  event.preventDefault();
  byId('sheet').classList.add('target');
});
document.addEventListener('dragleave', (event) => {
  if (!event.relatedTarget) byId('sheet').classList.remove('target');
});
document.addEventListener('drop', (event) => {
  event.preventDefault();
  byId('sheet').classList.remove('target');
  const [file] = event.dataTransfer.files;
  if (file) bringPicture(file);
  else tell('Only a picture’s file can be dropped here.');
});

// ---- Start

modelChoice.addEventListener('change', () => {
  showModel();
  ask();
});
new ResizeObserver(paint).observe(drawing);
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', paint);
ask();

// Classify as a Node.js service answers it: @grpc/grpc-js, and onnxruntime-node with one thread.
//
// Usage: node tests/bench/node_server/server.js ADDRESS MODEL.onnx
//
// MODEL.onnx is what write_onnx makes of a weights file. A peer for tests/bench/serving_vs_null,
// which also installs the packages.
'use strict';

const path = require('node:path');

const grpc = require('@grpc/grpc-js');
const protoLoader = require('@grpc/proto-loader');
const ort = require('onnxruntime-node');

const PIXELS = 784;

function loadService() {
  const definition = protoLoader.loadSync('digits/v1/digits.proto', {
    includeDirs: [path.join(__dirname, '..', '..', '..', 'proto')],
  });
  return grpc.loadPackageDefinition(definition).digits.v1.DigitClassifier.service;
}

// The probabilities of the classes for one image of 784 bytes.
async function run(session, pixels) {
  const input = new Float32Array(PIXELS);
  for (let i = 0; i < PIXELS; ++i) {
    input[i] = pixels[i] / 255;
  }
  const outputs = await session.run({pixels: new ort.Tensor('float32', input, [1, PIXELS])});
  return outputs.probabilities.data;
}

async function classify(session, model, request) {
  if (request.pixels?.length !== PIXELS) {
    throw {code: grpc.status.INVALID_ARGUMENT, details: `pixels: must be ${PIXELS} bytes`};
  }
  const probabilities = await run(session, request.pixels);
  const confidence = Math.max(...probabilities);
  const label = probabilities.indexOf(confidence);
  return {
    label,
    confidence,
    probabilities: Array.from(probabilities),
    labelName: String(label),
    model,
  };
}

async function main() {
  const [address, modelPath] = process.argv.slice(2);
  const model = path.parse(modelPath).name;
  const session = await ort.InferenceSession.create(modelPath, {intraOpNumThreads: 1});
  const server = new grpc.Server();
  server.addService(loadService(), {
    classify(call, callback) {
      classify(session, model, call.request).then((response) => callback(null, response), callback);
    },
  });
  server.bindAsync(address, grpc.ServerCredentials.createInsecure(), (error) => {
    if (error) {
      throw error;
    }
  });
}

main();

"""Digits as a hand writes them, for the pointer to follow."""

# One or more strokes a digit, each through points in a box of 100 x 100, y downwards. A point that
# stands twice is a corner.
STROKES = {
    0: [[(52, 8), (27, 18), (16, 50), (26, 82), (50, 92), (74, 82), (84, 50), (75, 20), (50, 8)]],
    1: [[(56, 6), (53, 35), (50, 65), (47, 94)]],
    2: [[(20, 28), (32, 11), (55, 8), (74, 24), (68, 45), (46, 68), (20, 90), (20, 90), (50, 88),
         (82, 90)]],
    3: [[(22, 16), (46, 7), (70, 20), (64, 38), (42, 47), (42, 47), (70, 56), (78, 75), (56, 93),
         (20, 84)]],
    4: [[(30, 10), (22, 48), (26, 56), (50, 57), (84, 52)], [(70, 8), (67, 50), (63, 94)]],
    5: [[(76, 9), (34, 11), (34, 11), (29, 46), (29, 46), (52, 40), (75, 56), (73, 78), (50, 92),
         (20, 84)]],
    6: [[(66, 7), (42, 30), (28, 62), (37, 88), (60, 89), (72, 72), (58, 55), (33, 68)]],
    7: [[(18, 15), (50, 13), (82, 11), (82, 11), (63, 45), (46, 94)]],
    8: [[(68, 22), (50, 8), (31, 20), (38, 39), (62, 57), (70, 78), (50, 93), (30, 79), (39, 59),
         (63, 40), (69, 22)]],
    9: [[(70, 28), (54, 9), (32, 18), (29, 39), (49, 50), (69, 30), (69, 30), (68, 60), (61, 94)]],
}

# Ink that is none of them.
SCRIBBLE = [[(5, 5), (95, 20), (5, 35), (95, 50), (5, 65), (95, 80), (5, 95), (20, 5), (35, 95),
             (50, 5), (65, 95), (80, 5), (95, 95)]]

STEPS = 4  # points from one of a stroke's to the next


def spline(points):
    """A smooth line through points, by Catmull and Rom."""
    line = [points[0]]
    points = [points[0], *points, points[-1]]
    for a, b, c, d in zip(points, points[1:], points[2:], points[3:]):
        for t in (step / STEPS for step in range(1, STEPS + 1)):
            line.append(tuple(
                (2 * q + (r - p) * t + (2 * p - 5 * q + 4 * r - s) * t**2 +
                 (3 * q - p - 3 * r + s) * t**3) / 2 for p, q, r, s in zip(a, b, c, d)))
    return line


def follow(stroke):
    """The line of a stroke: smooth from corner to corner."""
    ends = [i for i in range(1, len(stroke)) if stroke[i - 1] == stroke[i]]
    return [point for begin, end in zip([0, *ends], [*ends, len(stroke)])
            for point in spline(stroke[begin:end])]


def placed(strokes, left, top, width, height):
    """The strokes' smooth lines in a box of the given place and size."""
    return [[(left + x / 100 * width, top + y / 100 * height) for x, y in follow(stroke)]
            for stroke in strokes]

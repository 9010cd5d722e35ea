"""Values that carry their derivatives with them."""

import math

STEPS = {
    "square": (lambda z: z * z, lambda z: 2 * z),
    "sin": (math.sin, math.cos),
    "exp": (math.exp, math.exp),
    "double": (lambda z: 2 * z, lambda z: 2.0),
    "reciprocal": (lambda z: 1 / z, lambda z: -1 / z**2),
}


def through(x, steps):
    value, slope = float(x), 1.0
    for name in steps:
        function, derivative = STEPS[name]
        value, slope = function(value), derivative(value) * slope
    return value, slope


def loss_slopes(w, b, x, y):
    error = w * x + b - y
    return 2 * error * x, 2 * error

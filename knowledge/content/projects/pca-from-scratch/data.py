"""A pump station with ten sensors that three hidden causes move; in faulty minutes one sensor reads a wrong value."""

from types import SimpleNamespace

import numpy as np

SENSORS = {  # usual value and deviation, in the unit of the name
    "flow_m3_per_h": (120, 15),
    "inlet_bar": (2.5, 0.2),
    "outlet_bar": (6.0, 0.4),
    "speed_rpm": (1480, 60),
    "current_a": (42, 5),
    "power_kw": (22, 2.6),
    "bearing_c": (55, 6),
    "oil_c": (48, 5),
    "vibration_mm_per_s": (2.1, 0.35),
    "ambient_c": (15, 7),
}
CAUSES = np.array([  # load, weather, wear: one row for each sensor
    [0.95, 0.0, -0.3],
    [-0.8, 0.3, 0.4],
    [0.9, 0.0, -0.5],
    [0.9, -0.2, 0.3],
    [0.9, 0.1, 0.5],
    [0.95, 0.1, 0.3],
    [0.5, 0.7, 0.5],
    [0.4, 0.8, 0.3],
    [0.4, -0.1, 0.9],
    [0.1, 0.95, 0.0],
])
NOISE = 0.25


def public(seed, scale):
    rng = np.random.default_rng(seed)
    station = _station(rng)
    header = ",".join(SENSORS)
    np.savetxt("normal.csv", _minutes(rng, station, 600), delimiter=",", header=header, comments="", fmt="%.4f")
    X, fault = _with_faults(rng, station, 200)
    table = np.column_stack([X, fault])
    np.savetxt("week.csv", table, delimiter=",", header=header + ",fault", comments="", fmt=["%.4f"] * 10 + ["%d"])


def hidden(seed, scale):
    rng = np.random.default_rng(seed)
    stations = []
    for _ in range(2):
        station = _station(rng)
        train = _minutes(rng, station, 500)
        new, fault = _with_faults(rng, station, 300)
        order = rng.permutation(len(SENSORS))
        stations.append(SimpleNamespace(train=train[:, order], new=new[:, order], fault=fault))
    return SimpleNamespace(stations=stations)


def real():
    """1,797 handwritten digits of 8 by 8 pixels, X (1797, 64); scikit-learn bundles them."""
    from sklearn.datasets import load_digits

    return load_digits().data


def _station(rng):
    """How strongly each cause moves each sensor here: no two stations are alike."""
    causes = CAUSES + rng.uniform(-0.1, 0.1, size=CAUSES.shape)
    return causes / np.linalg.norm(causes, axis=1, keepdims=True)


def _minutes(rng, station, n):
    usual, deviation = np.array(list(SENSORS.values())).T
    moved = rng.normal(size=(n, 3)) @ station.T
    z = np.sqrt(1 - NOISE**2) * moved + NOISE * rng.normal(size=moved.shape)
    return usual + deviation * z


def _with_faults(rng, station, n):
    """n minutes, a fifth of them with one sensor that shows what it showed in some other, clearly different minute."""
    X = _minutes(rng, station, n)
    sound = _minutes(rng, station, 2000)
    deviation = sound.std(axis=0)
    fault = np.zeros(n, dtype=bool)
    fault[rng.permutation(n)[: n // 5]] = True
    for i in np.flatnonzero(fault):
        j = rng.integers(X.shape[1])
        far = np.abs(sound[:, j] - X[i, j]) > 1.2 * deviation[j]
        X[i, j] = rng.choice(sound[far, j])
    return X, fault

"""Writes the simulated series that ships with the program, and reference numbers about it, in 40-digit arithmetic.

Usage: python3 eng/oracles/simulated.py        needs mpmath; writes into src/RiskLake.Risk/Oracles/reference
Nothing here is shared with the library: the formulas are written down again, derivatives are differences at 40 digits.
"""
import json
import random
from pathlib import Path

from mpmath import betainc, erfinv, exp, findroot, inf, log, loggamma, matrix, mp, mpf, pi, quad, sqrt

mp.dps = 40
TARGET = Path(__file__).resolve().parents[2] / "src" / "RiskLake" / "Oracles" / "reference"
COUNT = 1000
STEP = mpf(10) ** -12


def simulate():
    """GARCH returns in percent with t errors of five degrees of freedom, rounded to six decimals, and a second, related series."""
    source = random.Random(19700101)
    h, rows = 0.8, []
    for _ in range(COUNT):
        z = source.gauss(0, 1) / (source.gammavariate(2.5, 2.0) / 5.0) ** 0.5 * (3.0 / 5.0) ** 0.5
        e = h ** 0.5 * z
        rows.append((round(0.04 + e, 6), round(0.02 + 0.6 * e + 0.5 * source.gauss(0, 1), 6)))
        h = 0.03 + (0.05 + (0.08 if e < 0 else 0.0)) * e * e + 0.87 * h
    return rows


def solve(a, b):
    return mp.lu_solve(matrix(a), matrix(b))


def newton(value, point):
    """Maximises a function by damped Newton steps on differences; value(point) gives the terms whose sum is maximised."""
    point = [mpf(p) for p in point]
    for _ in range(60):
        gradient, hessian, _ = derivatives(value, point)
        step = solve([[-x for x in row] for row in hessian], gradient)
        best, scale = sum(value(point)), mpf(1)
        while True:
            trial = [p + scale * s for p, s in zip(point, step)]
            try:
                if sum(value(trial)) >= best:
                    break
            except ValueError:
                pass
            scale /= 2
            if scale < mpf(10) ** -25:
                trial = point
                break
        moved = max(abs(a - b) for a, b in zip(trial, point))
        point = trial
        if moved < mpf(10) ** -18:
            return point
    raise RuntimeError("no convergence")


def derivatives(value, point):
    """Gradient, Hessian and per-term scores by central differences."""
    n = len(point)
    steps = [STEP * max(abs(p), mpf(1) / 100) for p in point]

    def moved(*shifts):
        shifted = list(point)
        for i, k in shifts:
            shifted[i] += k * steps[i]
        return value(shifted)

    centre = sum(value(point))
    up = [moved((i, 1)) for i in range(n)]
    down = [moved((i, -1)) for i in range(n)]
    scores = [[(u - d) / (2 * steps[i]) for u, d in zip(up[i], down[i])] for i in range(n)]
    hessian = [[mpf(0)] * n for _ in range(n)]
    for i in range(n):
        hessian[i][i] = (sum(up[i]) - 2 * centre + sum(down[i])) / steps[i] ** 2
        for j in range(i):
            mixed = (sum(moved((i, 1), (j, 1))) - sum(moved((i, 1), (j, -1))) - sum(moved((i, -1), (j, 1))) + sum(moved((i, -1), (j, -1))))
            hessian[i][j] = hessian[j][i] = mixed / (4 * steps[i] * steps[j])
    return [sum(s) for s in scores], hessian, scores


def garch(y, model, errors, presample):
    names = ["mu", "omega", "alpha"] + ([] if model == "garch11" else ["gamma"]) + ["beta"] + (["nu"] if errors == "t" else [])

    def recursion(point):
        p = dict(zip(names, point))
        e = [value - p["mu"] for value in y]
        s = sum(x * x for x in e) / len(e)
        h, asymmetry, mean_abs = [], p.get("gamma", mpf(0)), sqrt(2 / pi)
        for t in range(len(e)):
            if model == "egarch11":
                if t == 0:
                    h.append(s if presample == "h1var" else exp(p["omega"] + p["beta"] * log(s)))
                else:
                    z = e[t - 1] / sqrt(h[-1])
                    h.append(exp(p["omega"] + p["alpha"] * (abs(z) - mean_abs) + asymmetry * z + p["beta"] * log(h[-1])))
            elif t == 0:
                h.append(s if presample == "h1var" else p["omega"] + (p["alpha"] + asymmetry / 2 + p["beta"]) * s)
            else:
                h.append(p["omega"] + (p["alpha"] + (asymmetry if e[t - 1] < 0 else 0)) * e[t - 1] ** 2 + p["beta"] * h[-1])
        return p, e, h

    def terms(point):
        p, e, h = recursion(point)
        if min(h) <= 0 or p.get("nu", mpf(3)) <= 2:
            raise ValueError
        if errors == "normal":
            return [-(log(2 * pi) + log(v) + x * x / v) / 2 for x, v in zip(e, h)]
        nu = p["nu"]
        constant = loggamma((nu + 1) / 2) - loggamma(nu / 2) - log(pi * (nu - 2)) / 2
        return [constant - log(v) / 2 - (nu + 1) / 2 * log(1 + x * x / ((nu - 2) * v)) for x, v in zip(e, h)]

    start = {"mu": 0.03, "omega": 0.03, "alpha": 0.09, "gamma": 0.05, "beta": 0.87, "nu": 5.0}
    if model == "egarch11":
        start.update(omega=-0.01, alpha=0.17, gamma=-0.05, beta=0.97)
    if model == "gjr11":
        start.update(alpha=0.05)
    point = newton(terms, [start[name] for name in names])
    _, hessian, scores = derivatives(terms, point)
    n = len(names)
    bread = matrix([[-x for x in row] for row in hessian]) ** -1
    meat = matrix(n, n)
    for i in range(n):
        for j in range(n):
            meat[i, j] = sum(a * b for a, b in zip(scores[i], scores[j]))
    outer, sandwich = meat ** -1, bread * meat * bread
    p, e, h = recursion(point)
    total = sum(terms(point))
    persistence = p["beta"] if model == "egarch11" else p["alpha"] + p["beta"] + p.get("gamma", mpf(0)) / 2
    node = {
        "parameters": {name: float(value) for name, value in zip(names, point)},
        "logLikelihood": float(total),
        "stdErr_hessian": {name: float(sqrt(bread[i, i])) for i, name in enumerate(names)},
        "stdErr_opg": {name: float(sqrt(outer[i, i])) for i, name in enumerate(names)},
        "stdErr_qml": {name: float(sqrt(sandwich[i, i])) for i, name in enumerate(names)},
        "aic": float(2 * n - 2 * total),
        "bic": float(n * log(len(y)) - 2 * total),
        "h_first5": [float(x) for x in h[:5]],
        "h_last5": [float(x) for x in h[-5:]],
        "h_sum": float(sum(h)),
        "persistence": float(persistence),
    }
    if model != "egarch11":
        last = p["omega"] + (p["alpha"] + (p.get("gamma", mpf(0)) if e[-1] < 0 else 0)) * e[-1] ** 2 + p["beta"] * h[-1]
        forecasts = [last]
        while len(forecasts) < 10:
            forecasts.append(p["omega"] + persistence * forecasts[-1])
        node["variance_forecast_h1_to_h10"] = [float(x) for x in forecasts]
        node["half_life_obs"] = float(log(mpf(1) / 2) / log(persistence))
    elif errors == "normal":
        # E exp(c g(z)) by quadrature, one factor for each period between.
        z = e[-1] / sqrt(h[-1])
        last = exp(p["omega"] + p["alpha"] * (abs(z) - sqrt(2 / pi)) + p["gamma"] * z + p["beta"] * log(h[-1]))
        forecasts, factor = [last], mpf(1)
        for k in range(1, 10):
            c = p["beta"] ** (k - 1)
            factor *= quad(
                lambda x: exp(c * (p["omega"] + p["alpha"] * (abs(x) - sqrt(2 / pi)) + p["gamma"] * x)) * density(x), [-inf, -2, 0, 2, inf])
            forecasts.append(last ** (p["beta"] ** k) * factor)
        node["variance_forecast_h1_to_h10"] = [float(x) for x in forecasts]
    return node


def normal_quantile(p):
    return sqrt(2) * erfinv(2 * p - 1)


def density(z):
    return exp(-z * z / 2) / sqrt(2 * pi)


def t_density(x, nu):
    return exp(loggamma((nu + 1) / 2) - loggamma(nu / 2)) / sqrt(nu * pi) * (1 + x * x / nu) ** (-(nu + 1) / 2)


def t_quantile(p, nu):
    tail = lambda x: betainc(nu / 2, mpf(1) / 2, 0, nu / (nu + x * x), regularized=True) / 2 - p
    return -findroot(tail, mpf(3))


def historical(values, numerator, denominator):
    """Type 7 VaR and Acerbi-Tasche ES of the tail numerator / denominator."""
    ordered, n = sorted(values), len(values)
    place, rest = divmod((n - 1) * numerator, denominator)
    quantile = ordered[place] + (ordered[place + 1] - ordered[place]) * rest / denominator
    whole, part = divmod(n * numerator, denominator)
    total = sum(ordered[:whole]) + ordered[whole] * part / denominator
    return -quantile, -total * denominator / (n * numerator)


def tails(y):
    n = len(y)
    mean = sum(y) / n
    m2, m3, m4 = (sum((v - mean) ** k for v in y) / n for k in (2, 3, 4))
    skew, kurt = m3 / m2 ** mpf("1.5"), m4 / m2 ** 2 - 3
    deviation = sqrt(m2 * n / (n - 1))

    def terms(point):
        m, s, nu = point[0], exp(point[1]), exp(point[2])
        return [log(t_density((v - m) / s, nu)) - point[1] for v in y]

    fit = newton(terms, [mean, log(deviation) - mpf("0.3"), log(mpf(5))])
    m, s, nu = fit[0], exp(fit[1]), exp(fit[2])
    out = {
        "mean": mean, "standard_deviation": deviation, "skewness": skew, "excess_kurtosis": kurt,
        "student_t": {"location": m, "scale": s, "degrees_of_freedom": nu, "log_likelihood": sum(terms(fit))}, "by_confidence": {},
    }
    for level, (a, b) in {"0.95": (1, 20), "0.975": (1, 40), "0.99": (1, 100)}.items():
        alpha = mpf(a) / b
        z, q = normal_quantile(alpha), t_quantile(alpha, nu)
        ratio = density(z) / alpha
        k1, k2, k3 = -ratio, 1 - z * ratio, -(z * z + 2) * ratio
        corrected = z + (z * z - 1) * skew / 6 + (z ** 3 - 3 * z) * kurt / 24 - (2 * z ** 3 - 5 * z) * skew ** 2 / 36
        tail = k1 + (k2 - 1) * skew / 6 + (k3 - 3 * k1) * kurt / 24 - (2 * k3 - 5 * k1) * skew ** 2 / 36
        var, es = historical(y, a, b)
        out["by_confidence"][level] = {
            "historical_var": var, "historical_es": es,
            "normal_var": -(mean + deviation * z), "normal_es": -mean + deviation * ratio,
            "student_t_var": -(m + s * q), "student_t_es": -m + s * t_density(q, nu) / alpha * (nu + q * q) / (nu - 1),
            "cornish_fisher_var": -(mean + sqrt(m2) * corrected), "cornish_fisher_es": -(mean + sqrt(m2) * tail),
        }
    domain = skew ** 2 / 9 - 4 * (kurt / 8 - skew ** 2 / 6) * (1 - kurt / 8 + 5 * skew ** 2 / 36) <= 0 and kurt / 8 > skew ** 2 / 6
    out["cornish_fisher_is_monotone"] = bool(domain)
    return out


def backtest(y, numerator, denominator, window):
    alpha = mpf(numerator) / denominator
    forecasts = [historical(y[t - window:t], numerator, denominator) for t in range(window, len(y))]
    x = y[window:]
    hits = [value < -var for value, (var, _) in zip(x, forecasts)]
    n, count = len(x), sum(hits)
    term = lambda k, ratio: k * log(ratio) if k else mpf(0)
    coverage = 2 * (term(count, count / (n * alpha)) + term(n - count, (n - count) / (n * (1 - alpha))))
    pairs = {(a, b): sum(1 for i in range(1, n) if hits[i - 1] == a and hits[i] == b) for a in (False, True) for b in (False, True)}
    pooled = mpf(pairs[False, True] + pairs[True, True]) / (n - 1)
    independence = mpf(0)
    for a in (False, True):
        leaves = pairs[a, False] + pairs[a, True]
        independence += 2 * term(pairs[a, True], mpf(pairs[a, True]) / leaves / pooled if leaves else 1)
        independence += 2 * term(pairs[a, False], mpf(pairs[a, False]) / leaves / (1 - pooled) if leaves else 1)
    losses = sum(value / es for value, (_, es), hit in zip(x, forecasts, hits) if hit)
    return {
        "days": n, "exceedances": count, "kupiec": coverage, "independence": independence,
        "z1": 1 + losses / count, "z2": 1 + losses / (n * alpha),
        "pinball": sum((alpha - (1 if hit else 0)) * (value + var) for value, (var, _), hit in zip(x, forecasts, hits)) / n,
    }


def plain(value):
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value if isinstance(value, (bool, int, float)) else float(value)


def main():
    rows = simulate()
    TARGET.mkdir(parents=True, exist_ok=True)
    text = "".join(f"{a:.6f},{b:.6f}\n" for a, b in rows)
    (TARGET / "simulated.csv").write_text("first,second\n" + text)
    y, w = ([mpf(f"{row[i]:.6f}") for row in rows] for i in (0, 1))
    my, mw = sum(y) / COUNT, sum(w) / COUNT
    covariance = sum((a - my) * (b - mw) for a, b in zip(y, w)) / (COUNT - 1)
    variances = [sum((v - m) ** 2 for v in s) / (COUNT - 1) for s, m in ((y, my), (w, mw))]
    forecast = mpf(0)
    weights = mpf(0)
    for value in y:
        forecast, weights = mpf("0.94") * forecast + value * value, mpf("0.94") * weights + 1
    table = {
        "tails": tails(y),
        "ewma_volatility": sqrt(forecast / weights),
        "covariance": covariance,
        "correlation": covariance / sqrt(variances[0] * variances[1]),
        "backtest": {"0.95": backtest(y, 1, 20, 250), "0.99": backtest(y, 1, 100, 250)},
        "models": {
            f"simulated.{model}.{errors}.{presample}": garch(y, model, errors, presample)
            for model, errors, presample in (
                ("garch11", "normal", "fcp"), ("garch11", "t", "fcp"), ("gjr11", "normal", "h1var"), ("egarch11", "normal", "fcp"))
        },
    }
    lines = ",\n".join(f"{json.dumps(key)}:{json.dumps(plain(value), separators=(',', ':'))}" for key, value in table.items())
    (TARGET / "expected_simulated.json").write_text("{\n" + lines + "\n}\n")


if __name__ == "__main__":
    main()

//! The interval of a line search: which samples of φ bound a good step, and where to look next.
//!
//! After Moré & Thuente, "Line search algorithms with guaranteed sufficient decrease", ACM TOMS 20 (1994).

/// While no interval is known, the next trial lies between these multiples of the last advance further on.
const GROWTH: (f64, f64) = (1.1, 4.0);
/// An interval that keeps more than this share of its width over two trials is bisected.
const SHRINK: f64 = 0.66;

/// φ at one t: its value relative to φ(0), and its slope.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sample {
    pub(super) t: f64,
    pub(super) value: f64,
    pub(super) slope: f64,
}

/// Where a t that satisfies the conditions is known or expected to be.
pub(super) struct Interval {
    /// The lowest sample so far: one end.
    low: Sample,
    /// The other end; φ falls from `low` towards it. Meaningless until the interval is `closed`.
    high: Sample,
    closed: bool,
    /// c₁ φ′(0) until a trial is lower than that line and rises, 0 from then on (Moré & Thuente's two stages).
    tilt: f64,
    widths: [f64; 2],
    /// The shortest step known to be too far.
    limit: f64,
    /// The share of the way that the last retreat from there kept.
    retreat: f64,
}

impl Interval {
    pub(super) fn new(slope: f64, c1: f64) -> Self {
        let start = Sample { t: 0.0, value: 0.0, slope };
        let endless = f64::INFINITY;
        Self {
            low: start,
            high: start,
            closed: false,
            tilt: c1 * slope,
            widths: [endless; 2],
            limit: endless,
            retreat: 1.0,
        }
    }

    /// The next trial after one at `t` that could not be computed: half the way back, then a quarter of that,
    /// then an eighth, for nothing is known of how far the end is.
    pub(super) fn too_far(&mut self, t: f64) -> Option<f64> {
        self.limit = self.limit.min(t);
        self.retreat *= 0.5;
        let next = self.low.t + self.retreat * (self.limit - self.low.t);
        (next > self.low.t && next < self.limit).then_some(next)
    }

    /// Takes a sample in and says where to look next; None when the interval has shrunk to a point.
    pub(super) fn next(&mut self, trial: Sample, tolerance: f64) -> Option<f64> {
        if trial.value <= self.tilt * trial.t && trial.slope >= 0.0 {
            self.tilt = 0.0;
        }
        // Stage one: φ(t) − c₁ t φ′(0) leads to the conditions where φ itself might lead past them.
        let stage_one = trial.value <= self.low.value && trial.value > self.tilt * trial.t;
        let tilt = if stage_one { self.tilt } else { 0.0 };
        let [low, high, at] = [self.low, self.high, trial].map(|sample| sample.tilted(tilt));
        let advance = trial.t - low.t;
        let reach = if low.t == 0.0 { trial.t } else { trial.t + GROWTH.0 * advance };
        let wanted = propose(low, self.closed.then_some(high), at, (reach, trial.t + GROWTH.1 * advance));
        if at.value > low.value {
            self.high = trial;
            self.closed = true;
        } else {
            if at.slope * low.slope.signum() < 0.0 {
                self.high = self.low;
                self.closed = true;
            }
            self.low = trial;
        }
        self.safeguard(wanted, tolerance)
    }

    /// `wanted`, unless the interval shrinks too slowly, or it lies outside or beyond what can be computed.
    fn safeguard(&mut self, wanted: f64, tolerance: f64) -> Option<f64> {
        let (a, b) = (self.low.t, self.high.t);
        let mut next = wanted;
        if self.closed {
            let width = (b - a).abs();
            let slow = width >= SHRINK * self.widths[0];
            self.widths = [self.widths[1], width];
            if width <= tolerance * a.max(b) {
                return None;
            }
            if slow || !(wanted > a.min(b) && wanted < a.max(b)) {
                next = a + 0.5 * (b - a);
            }
        }
        if next >= self.limit {
            next = 0.5 * (a + self.limit);
        }
        (next.is_finite() && next != a).then_some(next)
    }
}

impl Sample {
    /// The sample of φ(t) − `tilt`·t.
    fn tilted(self, tilt: f64) -> Self {
        Self { t: self.t, value: self.value - tilt * self.t, slope: self.slope - tilt }
    }
}

/// Moré & Thuente's four cases: where the minimum should be, given the lowest sample, the other end of the
/// interval (None: not known yet) and the newest sample. `range` bounds the growth of an open interval.
fn propose(low: Sample, high: Option<Sample>, at: Sample, range: (f64, f64)) -> f64 {
    let distance = |from: Sample, t: f64| (t - from.t).abs();
    let cubic = cubic_minimum(low, at);
    let secant = at.t - at.slope * (at.t - low.t) / (at.slope - low.slope);
    if at.value > low.value {
        // 1. Higher: the minimum lies between; the cubic, or halfway to the parabola when that is closer.
        let chord = (at.value - low.value) / (at.t - low.t);
        let parabola = low.t + 0.5 * (at.t - low.t) * low.slope / (low.slope - chord);
        return match cubic {
            Some(cubic) if distance(low, cubic) < distance(low, parabola) => cubic,
            Some(cubic) => cubic + 0.5 * (parabola - cubic),
            None => parabola,
        };
    }
    if at.slope * low.slope.signum() < 0.0 {
        // 2. Lower, and the slope turned: the farther of cubic and secant.
        return match cubic {
            Some(cubic) if distance(at, cubic) > distance(at, secant) => cubic,
            _ => secant,
        };
    }
    let onward = (at.t - low.t).signum();
    if at.slope.abs() < low.slope.abs() {
        // 3. Lower and flatter: the minimum lies onward, if the cubic has one there.
        let cubic = cubic.filter(|t| (t - at.t) * onward > 0.0);
        return match high {
            None => cubic.unwrap_or(range.1).max(secant).clamp(range.0, range.1.max(range.0)),
            Some(high) => {
                let nearer = match cubic {
                    Some(cubic) if distance(at, cubic) < distance(at, secant) => cubic,
                    _ => secant,
                };
                let most = at.t + SHRINK * (high.t - at.t);
                if onward > 0.0 { nearer.min(most) } else { nearer.max(most) }
            }
        };
    }
    // 4. Lower and no flatter: towards the other end, as far as allowed.
    match high {
        None => range.1,
        Some(high) => cubic_minimum(high, at).unwrap_or(0.5 * (at.t + high.t)),
    }
}

/// The minimum of the cubic with the values and slopes of `a` and `b` (Nocedal & Wright 2006, 3.59):
///
/// ```text
/// d₁ = φ′_a + φ′_b − 3 (φ_a − φ_b)/(a − b),   d₂ = sign(b − a) √(d₁² − φ′_a φ′_b)
/// t  = b − (b − a)(φ′_b + d₂ − d₁)/(φ′_b − φ′_a + 2 d₂)
/// ```
fn cubic_minimum(a: Sample, b: Sample) -> Option<f64> {
    let d1 = a.slope + b.slope - 3.0 * (a.value - b.value) / (a.t - b.t);
    // Scaled, so that the squares neither overflow nor vanish.
    let scale = d1.abs().max(a.slope.abs()).max(b.slope.abs());
    let square = (d1 / scale).powi(2) - (a.slope / scale) * (b.slope / scale);
    if !(square >= 0.0) {
        return None;
    }
    let d2 = (b.t - a.t).signum() * scale * square.sqrt();
    let t = b.t - (b.t - a.t) * (b.slope + d2 - d1) / (b.slope - a.slope + 2.0 * d2);
    t.is_finite().then_some(t)
}

//! The one-dimensional inverse transforms of VP9 (bitstream specification, 8.7.1), lane by lane.
//!
//! Each product of a rotation is rounded to 14 bits of fraction where the specification does.

/// Numbers with 32 bits in lanes.
pub(super) trait Wide:
    Copy
    + std::ops::Add<Output = Self>
    + std::ops::Sub<Output = Self>
    + std::ops::Mul<i32, Output = Self>
    + std::ops::Add<i32, Output = Self>
    + std::ops::Shr<u32, Output = Self>
{
}

impl<T> Wide for T where
    T: Copy
        + std::ops::Add<Output = T>
        + std::ops::Sub<Output = T>
        + std::ops::Mul<i32, Output = T>
        + std::ops::Add<i32, Output = T>
        + std::ops::Shr<u32, Output = T>
{
}

/// The numbers that go into a transform. A transform asks for each once, by a constant.
pub(super) trait Input<V> {
    fn at(&self, k: usize) -> V;
}

/// The numbers with even indices.
struct Even<'a, I>(&'a I);

impl<V, I: Input<V>> Input<V> for Even<'_, I> {
    #[inline(always)]
    fn at(&self, k: usize) -> V {
        self.0.at(2 * k)
    }
}

/// 16384 times the cosine of so many 64ths of pi.
const COS: [i32; 32] = [
    16384, 16364, 16305, 16207, 16069, 15893, 15679, 15426, 15137, 14811, 14449, 14053, 13623,
    13160, 12665, 12140, 11585, 11003, 10394, 9760, 9102, 8423, 7723, 7005, 6270, 5520, 4756, 3981,
    3196, 2404, 1606, 804,
];

/// 16384 times two thirds of the root of 2 times the sine of one to four ninths of pi.
const SIN: [i32; 5] = [0, 5283, 9929, 13377, 15212];

#[inline(always)]
fn round<V: Wide>(value: V) -> V {
    (value + (1 << 13)) >> 14
}

#[inline(always)]
fn mix<V: Wide>(a: V, weight_a: i32, b: V, weight_b: i32) -> V {
    round(a * weight_a + b * weight_b)
}

/// A rotation by so many 64ths of pi.
#[inline(always)]
fn rotate<V: Wide>(a: V, b: V, angle: usize) -> (V, V) {
    let (sine, cosine) = (COS[32 - angle], COS[angle]);
    (mix(a, cosine, b, -sine), mix(a, sine, b, cosine))
}

/// The sum and the difference, both over the root of 2.
#[inline(always)]
fn halve<V: Wide>(a: V, b: V) -> (V, V) {
    (mix(a, COS[16], b, COS[16]), mix(a, COS[16], b, -COS[16]))
}

/// The even half's results plus and minus the odd half's.
#[inline(always)]
fn join<V: Wide, const H: usize, const N: usize>(even: [V; H], odd: [V; H]) -> [V; N] {
    let mut out = [even[0]; N];
    for i in 0..H {
        out[i] = even[i] + odd[i];
        out[N - 1 - i] = even[i] - odd[i];
    }
    out
}

#[inline(always)]
pub(super) fn dct4<V: Wide>(x: &impl Input<V>) -> [V; 4] {
    let (sum, difference) = halve(x.at(0), x.at(2));
    let (inner, outer) = rotate(x.at(1), x.at(3), 24);
    join([sum, difference], [outer, inner])
}

#[inline(always)]
pub(super) fn dct8<V: Wide>(x: &impl Input<V>) -> [V; 8] {
    let even = dct4(&Even(x));
    let (a4, a7) = rotate(x.at(1), x.at(7), 28);
    let (a5, a6) = rotate(x.at(5), x.at(3), 12);
    let (b4, b5, b6, b7) = (a4 + a5, a4 - a5, a7 - a6, a7 + a6);
    let (c6, c5) = halve(b6, b5);
    join(even, [b7, c6, c5, b4])
}

#[inline(always)]
pub(super) fn dct16<V: Wide>(x: &impl Input<V>) -> [V; 16] {
    let even = dct8(&Even(x));
    let (a8, a15) = rotate(x.at(1), x.at(15), 30);
    let (a9, a14) = rotate(x.at(9), x.at(7), 14);
    let (a10, a13) = rotate(x.at(5), x.at(11), 22);
    let (a11, a12) = rotate(x.at(13), x.at(3), 6);
    let (b8, b9, b10, b11) = (a8 + a9, a8 - a9, a11 - a10, a10 + a11);
    let (b12, b13, b14, b15) = (a12 + a13, a12 - a13, a15 - a14, a14 + a15);
    let (c9, c14) = rotate(b14, b9, 24);
    let (c10, c13) = turn_back(b10, b13, 24);
    let (d8, d9, d10, d11) = (b8 + b11, c9 + c10, c9 - c10, b8 - b11);
    let (d12, d13, d14, d15) = (b15 - b12, c14 - c13, c13 + c14, b12 + b15);
    let (e13, e10) = halve(d13, d10);
    let (e12, e11) = halve(d12, d11);
    join(even, [d15, d14, e13, e12, e11, e10, d9, d8])
}

/// The mirror of a rotation: both of `a` negated.
#[inline(always)]
fn turn_back<V: Wide>(a: V, b: V, angle: usize) -> (V, V) {
    let (sine, cosine) = (COS[32 - angle], COS[angle]);
    (mix(a, -cosine, b, -sine), mix(a, -sine, b, cosine))
}

#[inline(always)]
pub(super) fn dct32<V: Wide>(x: &impl Input<V>) -> [V; 32] {
    let even = dct16(&Even(x));
    let (a16, a31) = rotate(x.at(1), x.at(31), 31);
    let (a17, a30) = rotate(x.at(17), x.at(15), 15);
    let (a18, a29) = rotate(x.at(9), x.at(23), 23);
    let (a19, a28) = rotate(x.at(25), x.at(7), 7);
    let (a20, a27) = rotate(x.at(5), x.at(27), 27);
    let (a21, a26) = rotate(x.at(21), x.at(11), 11);
    let (a22, a25) = rotate(x.at(13), x.at(19), 19);
    let (a23, a24) = rotate(x.at(29), x.at(3), 3);

    let (b16, b17, b18, b19) = (a16 + a17, a16 - a17, a19 - a18, a18 + a19);
    let (b20, b21, b22, b23) = (a20 + a21, a20 - a21, a23 - a22, a22 + a23);
    let (b24, b25, b26, b27) = (a24 + a25, a24 - a25, a27 - a26, a26 + a27);
    let (b28, b29, b30, b31) = (a28 + a29, a28 - a29, a31 - a30, a30 + a31);

    let (c17, c30) = rotate(b30, b17, 28);
    let (c18, c29) = turn_back(b18, b29, 28);
    let (c21, c26) = rotate(b26, b21, 12);
    let (c22, c25) = turn_back(b22, b25, 12);

    let (d16, d17, d18, d19) = (b16 + b19, c17 + c18, c17 - c18, b16 - b19);
    let (d20, d21, d22, d23) = (b23 - b20, c22 - c21, c21 + c22, b20 + b23);
    let (d24, d25, d26, d27) = (b24 + b27, c25 + c26, c25 - c26, b24 - b27);
    let (d28, d29, d30, d31) = (b31 - b28, c30 - c29, c29 + c30, b28 + b31);

    let (e18, e29) = rotate(d29, d18, 24);
    let (e19, e28) = rotate(d28, d19, 24);
    let (e20, e27) = turn_back(d20, d27, 24);
    let (e21, e26) = turn_back(d21, d26, 24);

    let (f16, f17, f18, f19) = (d16 + d23, d17 + d22, e18 + e21, e19 + e20);
    let (f20, f21, f22, f23) = (e19 - e20, e18 - e21, d17 - d22, d16 - d23);
    let (f24, f25, f26, f27) = (d31 - d24, d30 - d25, e29 - e26, e28 - e27);
    let (f28, f29, f30, f31) = (e27 + e28, e26 + e29, d25 + d30, d24 + d31);

    let (g27, g20) = halve(f27, f20);
    let (g26, g21) = halve(f26, f21);
    let (g25, g22) = halve(f25, f22);
    let (g24, g23) = halve(f24, f23);
    join(
        even,
        [
            f31, f30, f29, f28, g27, g26, g25, g24, g23, g22, g21, g20, f19, f18, f17, f16,
        ],
    )
}

#[inline(always)]
pub(super) fn adst4<V: Wide>(x: &impl Input<V>) -> [V; 4] {
    let (x0, x1, x2, x3) = (x.at(0), x.at(1), x.at(2), x.at(3));
    let a = x0 * SIN[1] + x2 * SIN[4] + x3 * SIN[2];
    let b = x0 * SIN[2] - x2 * SIN[1] - x3 * SIN[4];
    let c = x1 * SIN[3];
    let d = (x0 - x2 + x3) * SIN[3];
    [round(a + c), round(b + c), round(d), round(a + b - c)]
}

/// Two rotations whose results are added and subtracted before they are rounded: the four results
/// are the sums of the first and of the second numbers, then the differences.
#[inline(always)]
fn cross<V: Wide>(a: [V; 2], angle_a: usize, b: [V; 2], angle_b: usize) -> [V; 4] {
    let (a0, a1) = unrounded(a, angle_a);
    let (b0, b1) = unrounded(b, angle_b);
    [
        round(a0 + b0),
        round(a1 + b1),
        round(a0 - b0),
        round(a1 - b1),
    ]
}

/// By an angle of up to 64 64ths of pi.
#[inline(always)]
fn unrounded<V: Wide>([a, b]: [V; 2], angle: usize) -> (V, V) {
    let cosine = if angle <= 31 {
        COS[angle]
    } else {
        -COS[64 - angle]
    };
    let sine = if angle <= 32 {
        COS[32 - angle]
    } else {
        COS[angle - 32]
    };
    (a * cosine + b * sine, a * sine - b * cosine)
}

#[inline(always)]
fn negated<V: Wide>(value: V) -> V {
    value * -1
}

#[inline(always)]
pub(super) fn adst8<V: Wide>(x: &impl Input<V>) -> [V; 8] {
    let [a0, a1, a4, a5] = cross([x.at(7), x.at(0)], 2, [x.at(3), x.at(4)], 18);
    let [a2, a3, a6, a7] = cross([x.at(5), x.at(2)], 10, [x.at(1), x.at(6)], 26);
    let (b0, b1, b2, b3) = (a0 + a2, a1 + a3, a0 - a2, a1 - a3);
    let [b4, b5, b6, b7] = cross([a4, a5], 8, [a6, a7], 40);
    let (c2, c3) = halve(b2, b3);
    let (c6, c7) = halve(b6, b7);
    [
        b0,
        negated(b4),
        c6,
        negated(c2),
        c3,
        negated(c7),
        b5,
        negated(b1),
    ]
}

#[inline(always)]
pub(super) fn adst16<V: Wide>(x: &impl Input<V>) -> [V; 16] {
    let [a0, a1, a8, a9] = cross([x.at(15), x.at(0)], 1, [x.at(7), x.at(8)], 17);
    let [a2, a3, a10, a11] = cross([x.at(13), x.at(2)], 5, [x.at(5), x.at(10)], 21);
    let [a4, a5, a12, a13] = cross([x.at(11), x.at(4)], 9, [x.at(3), x.at(12)], 25);
    let [a6, a7, a14, a15] = cross([x.at(9), x.at(6)], 13, [x.at(1), x.at(14)], 29);

    let (b0, b1, b2, b3) = (a0 + a4, a1 + a5, a2 + a6, a3 + a7);
    let (b4, b5, b6, b7) = (a0 - a4, a1 - a5, a2 - a6, a3 - a7);
    let [b8, b9, b12, b13] = cross([a8, a9], 4, [a12, a13], 36);
    let [b10, b11, b14, b15] = cross([a10, a11], 20, [a14, a15], 52);

    let (c0, c1, c2, c3) = (b0 + b2, b1 + b3, b0 - b2, b1 - b3);
    let [c4, c5, c6, c7] = cross([b4, b5], 8, [b6, b7], 40);
    let (c8, c9, c10, c11) = (b8 + b10, b9 + b11, b8 - b10, b9 - b11);
    let [c12, c13, c14, c15] = cross([b12, b13], 8, [b14, b15], 40);

    let minus = -COS[16];
    let (d2, d3) = (mix(c2, minus, c3, minus), mix(c2, COS[16], c3, minus));
    let (d6, d7) = (mix(c6, COS[16], c7, COS[16]), mix(c6, minus, c7, COS[16]));
    let (d10, d11) = (
        mix(c10, COS[16], c11, COS[16]),
        mix(c10, minus, c11, COS[16]),
    );
    let (d14, d15) = (mix(c14, minus, c15, minus), mix(c14, COS[16], c15, minus));
    [
        c0,
        negated(c8),
        c12,
        negated(c4),
        d6,
        d14,
        d10,
        d2,
        d3,
        d11,
        d15,
        d7,
        c5,
        negated(c13),
        c9,
        negated(c1),
    ]
}

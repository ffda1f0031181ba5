//! Tells the nodes of trees apart that are shown as one.

use super::Stat;

/// Tells the nodes of one tree from those of another: two trees may count their nodes alike. The
/// default one changes nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tag(u64);

impl Tag {
    /// The tag of this number.
    pub(super) const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Injective in the device number for one tag; for two tags, equal results are as likely as for
    /// two random numbers.
    pub(super) fn apply(self, stat: Stat) -> Stat {
        if self.0 == 0 {
            return stat;
        }
        let dev = (stat.dev ^ self.0.rotate_right(16)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Stat {
            dev: dev.rotate_left(29),
            ..stat
        }
    }
}

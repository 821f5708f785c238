//! How large the parts of an upload are, of which nobody knows how long it will be.

/// What a service takes, and what we begin with. The defaults are those of AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartSizes {
    /// The size of the first parts.
    pub first: u64,
    /// How many parts an upload may have.
    pub most_parts: u32,
    /// How large a part may be.
    pub largest: u64,
}

impl Default for PartSizes {
    fn default() -> PartSizes {
        PartSizes { first: 8 << 20, most_parts: 10_000, largest: 5 << 30 }
    }
}

/// The largest parts are so many times the first.
const LARGEST: u64 = 192;

impl PartSizes {
    /// The size of a part by its number, from 1 on; `None` beyond the last. A part is gathered before it is sent, so
    /// that most uploads stay with small ones: a tenth of them has the first size, then each is a little larger than the one
    /// before, twice as large after an eleventh of them. All together are a little more than the largest object, which has
    /// 5 TiB.
    pub fn size(&self, number: u32) -> Option<u64> {
        if number == 0 || number > self.most_parts {
            return None;
        }
        let beyond = u64::from(number.saturating_sub((self.most_parts / 10).max(1)));
        let doubles_in = u64::from((self.most_parts / 11).max(1));
        let doubled = self.first.saturating_mul(1 << (beyond / doubles_in).min(8));
        let size = doubled.saturating_add(doubled.saturating_mul(beyond % doubles_in) / doubles_in);
        Some(size.min(self.first.saturating_mul(LARGEST)).min(self.largest))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TERABYTE: u64 = 1 << 40;

    #[test]
    fn ten_thousand_parts_reach_the_largest_object() {
        let sizes = PartSizes::default();
        let all: Vec<u64> = (1..=10_000).map(|number| sizes.size(number).unwrap()).collect();
        assert!((5 * TERABYTE..6 * TERABYTE).contains(&all.iter().sum::<u64>()));
        assert_eq!((all[0], all[999], all[1_908], all[9_999]), (8 << 20, 8 << 20, 16 << 20, 1536 << 20));
        assert!(all.is_sorted_by(|one, next| one <= next && *next <= one + one / 900), "none jumps");
        assert_eq!((sizes.size(0), sizes.size(10_001)), (None, None));
    }

    proptest! {
        #[test]
        fn parts_grow_and_stay_within_what_is_taken(first in 1_u64..1 << 33, most_parts in 1_u32..20_000) {
            let sizes = PartSizes { first, most_parts, largest: 5 << 30 };
            let mut before = 0;
            for number in 1..=most_parts {
                let size = sizes.size(number).unwrap();
                prop_assert!(size >= before && size <= sizes.largest && size >= first.min(sizes.largest));
                before = size;
            }
            prop_assert_eq!(sizes.size(most_parts + 1), None);
        }
    }
}

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

impl PartSizes {
    /// The size of a part by its number, from 1 on; `None` beyond the last. It doubles with each tenth of the parts, up
    /// to 256 times the first: a part is held in memory, so that most uploads stay with small ones, and all of them
    /// together are still 6 TB, more than the largest object.
    pub fn size(&self, number: u32) -> Option<u64> {
        if number == 0 || number > self.most_parts {
            return None;
        }
        let tenth = (self.most_parts / 10).max(1);
        let doubled = ((number - 1) / tenth).min(8);
        Some(self.first.saturating_mul(1 << doubled).min(self.largest))
    }

    /// The size of all parts but the last, where it is known how much comes: as small as their number allows.
    pub fn even(&self, total: u64) -> u64 {
        total.div_ceil(u64::from(self.most_parts.max(1))).max(self.first).min(self.largest)
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
        assert!(all.iter().sum::<u64>() >= 5 * TERABYTE);
        assert_eq!((all[0], all[999], all[1_000], all[9_999]), (8 << 20, 8 << 20, 16 << 20, 2 << 30));
        // A database of 50 GB is sent in parts of 32 MiB at most.
        let mut sent = 0;
        let last = all.iter().find(|size| {
            sent += **size;
            sent >= 50_000_000_000
        });
        assert_eq!(last, Some(&(32 << 20)));
        assert_eq!((sizes.size(0), sizes.size(10_001)), (None, None));
        assert_eq!(sizes.even(5 * TERABYTE), 549_755_814);
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

        #[test]
        fn even_parts_are_enough(total in 0_u64..=5 * TERABYTE, most_parts in 1_100_u32..=10_000) {
            let sizes = PartSizes { most_parts, ..PartSizes::default() };
            prop_assert!(sizes.even(total) * u64::from(most_parts) >= total);
        }
    }
}

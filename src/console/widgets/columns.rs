//! Columns that fit: where there is little room, those that matter least are left out.

/// The blanks between two columns.
const GAP: u16 = 2;

/// Columns of this rank and higher are extras: shown only where all others are as wide as they would like to be.
const EXTRA: u8 = 5;

/// A column before it is known how wide the screen is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its head.
    pub title: &'static str,
    /// How wide it must be to be of use.
    pub least: u16,
    /// How wide its widest cell is.
    pub ideal: u16,
    /// Those with the highest rank are left out first; rank 0 stays whatever happens.
    pub rank: u8,
    /// Whether its cells end at one edge, as figures do.
    pub right: bool,
}

/// Where a column is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The first of its columns on the screen.
    pub x: u16,
    /// How many it takes.
    pub width: u16,
}

/// Where each column goes within `width`; nothing for those that do not fit.
pub fn fit(columns: &[Column], width: u16) -> Vec<Option<Place>> {
    let mut widths: Vec<Option<u16>> = columns.iter().map(|column| Some(column.least.min(column.ideal))).collect();
    while taken(&wanted(columns, &widths)) > width {
        let rank = |(index, width): (usize, &Option<u16>)| width.map(|_| (columns[index].rank, index));
        match widths.iter().enumerate().filter_map(rank).max() {
            Some((rank, index)) if rank > 0 => widths[index] = None,
            _ => break,
        }
    }
    let mut order: Vec<usize> = (0..columns.len()).filter(|index| widths[*index].is_some()).collect();
    order.sort_by_key(|index| columns[*index].rank);
    for index in order {
        let left = width.saturating_sub(taken(&widths));
        widths[index] = widths[index].map(|now| now + left.min(columns[index].ideal.saturating_sub(now)));
    }
    placed(&widths, width)
}

/// What the columns that are left ask for.
fn wanted(columns: &[Column], widths: &[Option<u16>]) -> Vec<Option<u16>> {
    let all = || columns.iter().zip(widths).filter_map(|(column, width)| width.map(|width| (column, width)));
    if !all().any(|(column, _)| column.rank >= EXTRA) {
        return widths.to_vec();
    }
    all().map(|(column, least)| Some(if column.rank >= EXTRA { least } else { column.ideal.max(least) })).collect()
}

fn placed(widths: &[Option<u16>], width: u16) -> Vec<Option<Place>> {
    let mut x = 0_u16;
    let place = |wanted: &Option<u16>| {
        let wanted = (*wanted)?;
        let place = Place { x, width: wanted.min(width.saturating_sub(x)) };
        x = x.saturating_add(wanted).saturating_add(GAP);
        (place.width > 0).then_some(place)
    };
    widths.iter().map(place).collect()
}

fn taken(widths: &[Option<u16>]) -> u16 {
    let shown = widths.iter().flatten();
    let gaps = u16::try_from(shown.clone().count().saturating_sub(1)).unwrap_or(u16::MAX).saturating_mul(GAP);
    shown.fold(gaps, |sum, width| sum.saturating_add(*width))
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column; 3] = [
        Column { title: "a", least: 5, ideal: 10, rank: 0, right: false },
        Column { title: "b", least: 4, ideal: 4, rank: 2, right: true },
        Column { title: "c", least: 4, ideal: 8, rank: 1, right: false },
    ];

    fn widths(width: u16) -> Vec<u16> {
        fit(&COLUMNS, width).iter().map(|place| place.map_or(0, |place| place.width)).collect()
    }

    #[test]
    fn the_least_important_goes_first_and_the_most_important_grows_first() {
        assert_eq!(widths(40), [10, 4, 8]);
        assert_eq!(widths(20), [8, 4, 4]);
        assert_eq!(widths(16), [10, 0, 4]);
        assert_eq!(widths(8), [8, 0, 0]);
        assert_eq!(widths(3), [3, 0, 0]);
        assert_eq!(widths(0), [0, 0, 0]);
    }

    #[test]
    fn an_extra_is_shown_only_where_the_others_have_all_they_like() {
        let extra = [COLUMNS[0], Column { title: "x", least: 4, ideal: 4, rank: EXTRA, right: false }];
        let shown = |width| fit(&extra, width)[1].is_some();
        assert_eq!((shown(15), shown(16)), (false, true));
    }

    #[test]
    fn nothing_is_ever_drawn_beyond_the_edge() {
        for width in 0..60 {
            for place in fit(&COLUMNS, width).into_iter().flatten() {
                assert!(place.x + place.width <= width);
            }
        }
    }
}

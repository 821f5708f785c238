//! Finding what was probably meant.

/// The candidate that a misspelt word most resembles, if any does.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len().max(word.len()) / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_near_is_found_and_what_is_far_is_not() {
        assert_eq!(nearest("postgers", ["postgres", "redis"]), Some("postgres"));
        assert_eq!(nearest("adress", ["address", "name"]), Some("address"));
        assert_eq!(nearest("banana", ["postgres", "redis"]), None);
    }
}

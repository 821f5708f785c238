//! The status page of nginx, which tells of connections and of no host behind it.

/// Connections that are open now, if this is such a page.
pub fn active(text: &str) -> Option<u64> {
    text.trim_start().strip_prefix("Active connections:")?.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_connections_are_read() {
        let page = "Active connections: 291 \nserver accepts handled requests\n 16630948 16630948 31070465 \n";
        assert_eq!(active(page), Some(291));
        assert_eq!(active("<html>"), None);
    }
}

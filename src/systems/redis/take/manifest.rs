//! The list of the files that make up an append-only file. Without it a server starts empty, and says nothing.

/// The files that are loaded, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// As it stands there.
    pub text: Vec<u8>,
    /// The names of the files, beside the manifest.
    pub files: Vec<String>,
}

impl Manifest {
    /// Reads one. Files that only wait to be deleted are none of it.
    pub fn of(text: &[u8]) -> Result<Manifest, String> {
        let mut files = Vec::new();
        for line in String::from_utf8_lossy(text).lines().map(str::trim) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let words: Vec<&str> = line.split_ascii_whitespace().collect();
            let value =
                |name: &str| words.chunks_exact(2).find(|pair| pair[0].eq_ignore_ascii_case(name)).map(|pair| pair[1]);
            let (Some(name), Some(kind)) = (value("file"), value("type")) else {
                return Err("a line of the manifest names no file, or not what it is".to_owned());
            };
            if name.contains(['/', '"', '\\']) || matches!(name, "." | "..") {
                return Err("the manifest names a file that cannot lie beside it".to_owned());
            }
            if matches!(kind, "b" | "i") {
                files.push(name.to_owned());
            }
        }
        if files.is_empty() {
            return Err("the manifest names no file".to_owned());
        }
        Ok(Manifest { text: text.to_vec(), files })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_loaded_is_named() {
        let text = b"file a.aof.1.base.rdb seq 1 type b\nfile a.aof.0.incr.aof seq 0 type h\n\
                     file a.aof.1.incr.aof seq 1 type i\n";
        assert_eq!(Manifest::of(text).unwrap().files, ["a.aof.1.base.rdb", "a.aof.1.incr.aof"]);
    }

    #[test]
    fn a_damaged_one_is_none() {
        for text in ["", "file a seq 1", "garbage", "file ../../etc/shadow seq 1 type b", "file \"a b\" seq 1 type i"] {
            assert!(Manifest::of(text.as_bytes()).is_err(), "{text}");
        }
    }
}

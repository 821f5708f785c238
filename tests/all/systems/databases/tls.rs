//! A certificate that nobody trusts unless told to.

use std::path::{Path, PathBuf};

/// The files of a certificate that has signed itself, valid for 127.0.0.1.
pub struct SelfSigned {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// Makes one.
pub fn self_signed(folder: &Path) -> SelfSigned {
    let files = SelfSigned { certificate: folder.join("server.crt"), key: folder.join("server.key") };
    let mut openssl = std::process::Command::new("openssl");
    openssl.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]);
    openssl.args(["-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1"]);
    openssl.args(["-addext", "basicConstraints=critical,CA:FALSE"]);
    let output = openssl.arg("-keyout").arg(&files.key).arg("-out").arg(&files.certificate).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    files
}

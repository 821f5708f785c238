//! Certificates are gone or have run out.

use std::process::Command;

use super::{TestLab, fault, undo};

/// Whether the certificate is good for another hour, as `openssl` sees it; none if it is not there.
fn is_good(test: &TestLab) -> Option<bool> {
    let path = test.folder().join("sites/primary/certificates/app.pem");
    path.exists().then(|| {
        let checked = Command::new("openssl").args(["x509", "-noout", "-checkend", "3600", "-in"]).arg(path).output();
        checked.unwrap().status.success()
    })
}

pub async fn all(test: &TestLab) {
    assert_eq!(is_good(test), Some(true));
    fault(test, "remove-certificate", None).await;
    assert_eq!(is_good(test), None);
    undo(test, "remove-certificate").await;
    assert_eq!(is_good(test), Some(true));
    fault(test, "expire-certificate", None).await;
    assert_eq!(is_good(test), Some(false));
    undo(test, "expire-certificate").await;
    assert_eq!(is_good(test), Some(true));
}

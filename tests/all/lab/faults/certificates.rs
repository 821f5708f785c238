//! Certificates are gone or have run out, and whoever opens the application's page sees it.

use super::super::test_lab::until;
use super::{TestLab, fault, undo};

/// Whether a client that trusts the site's authority gets to the application.
async fn is_trusted(test: &TestLab) -> bool {
    test.answered_by().await.is_some()
}

pub async fn all(test: &TestLab) {
    let path = test.folder().join("sites/primary/certificates/app.pem");
    assert!(is_trusted(test).await);
    fault(test, "expire-certificate", None).await;
    until("clients refuse the certificate", async || !is_trusted(test).await).await;
    // Undone in the wrong order the two would leave the expired one.
    let error = super::refused(test, "remove-certificate", None).await;
    assert_eq!(error.to_string(), "expire-certificate app is in force already");
    undo(test, "expire-certificate").await;
    until("clients take it again", async || is_trusted(test).await).await;

    fault(test, "remove-certificate", None).await;
    assert!(!path.exists());
    undo(test, "remove-certificate").await;
    until("clients take it again", async || path.exists() && is_trusted(test).await).await;
}

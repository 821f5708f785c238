//! Applications behind the load balancer are dead, or cannot do their work.

use super::super::test_lab::until;
use super::{TestLab, fault, undo};

/// Users do not notice that one of two applications is dead, and the balancer tells which.
pub async fn all(test: &TestLab) {
    assert_eq!(test.hosts("dr").await.into_keys().collect::<Vec<_>>(), ["app-1-dr", "app-2-dr"]);
    until("both are taken for alive", async || test.is_up("app-1").await && test.is_up("app-2").await).await;
    assert_eq!(test.answer_in_turn(4).await.len(), 2, "requests are not shared out");
    fault(test, "kill", Some("primary/app-1")).await;
    assert_eq!(test.answer_in_turn(4).await.into_iter().collect::<Vec<_>>(), ["app-2"]);
    until("the balancer knows", async || !test.is_up("app-1").await).await;
    assert!(test.is_up("app-2").await);
    until("the alert fires and is heard", async || test.alerts("ApplicationDown", "app-1").await == (true, true)).await;
    assert_eq!(test.alerts("ApplicationDown", "app-2").await, (false, false));
    undo(test, "kill").await;
    until("the balancer takes it back", async || test.is_up("app-1").await).await;
    assert_eq!(test.answer_in_turn(4).await.len(), 2);
    until("the alert is over", async || test.alerts("ApplicationDown", "app-1").await == (false, false)).await;

    // Who cannot do its work gets none: both need the database.
    fault(test, "freeze", None).await;
    until("nobody is left", async || test.answered_by().await.is_none()).await;
    until("the alert fires and is heard", async || test.alerts("DatabaseErrors", "app-2").await == (true, true)).await;
    undo(test, "freeze").await;
    until("they are back", async || test.answered_by().await.is_some()).await;
}

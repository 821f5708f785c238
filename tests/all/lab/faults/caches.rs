//! Redis is empty, full, or does not come up.

use redis::Value;

use super::{TestLab, fault, undo};

pub async fn all(test: &TestLab) {
    for number in 0..200 {
        test.redis_do(&["SET", &format!("probe:{number}"), &"lifeboat".repeat(50)]).await.unwrap();
    }

    fault(test, "exhaust-memory", None).await;
    let why = test.redis_do(&["SET", "probe:one-more", "x"]).await.unwrap_err();
    assert!(why.contains("OOM"), "{why}");
    assert!(test.redis_do(&["GET", "probe:1"]).await.is_ok(), "reading still works");
    undo(test, "exhaust-memory").await;
    test.redis_do(&["SET", "probe:one-more", "x"]).await.unwrap();
    assert_eq!(test.redis_do(&["KEYS", "lab:ballast:*"]).await, Ok(Value::Array(Vec::new())));

    fault(test, "corrupt-aof", None).await;
    assert!(test.redis_do(&["PING"]).await.is_err());
    undo(test, "corrupt-aof").await;
    assert_eq!(test.redis_do(&["EXISTS", "probe:199"]).await, Ok(Value::Int(1)));

    fault(test, "flush-redis", None).await;
    assert_eq!(test.redis_do(&["DBSIZE"]).await, Ok(Value::Int(0)));
}

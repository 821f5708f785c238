//! Conditional writes: of many who write at the same time exactly one wins.

use aws_sdk_s3::Client;

use super::{Endpoint, code, read, write};

const WRITERS: usize = 16;
const ROUNDS: usize = 50;

async fn create(client: Client, key: String, writer: usize) -> Result<usize, String> {
    let put = client.put_object().bucket("store").key(key).if_none_match("*");
    match put.body(format!("writer {writer}").into_bytes().into()).send().await {
        Ok(_) => Ok(writer),
        error => Err(code(error)),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_sixteen_creators_wins() {
    let endpoint = Endpoint::start().await;
    let client = endpoint.client();
    for round in 0..ROUNDS {
        let key = format!("claim-{round}");
        let race: Vec<_> =
            (0..WRITERS).map(|writer| tokio::spawn(create(client.clone(), key.clone(), writer))).collect();
        let mut winners = Vec::new();
        for one in race {
            match one.await.unwrap() {
                Ok(writer) => winners.push(writer),
                Err(why) => assert_eq!(why, "PreconditionFailed"),
            }
        }
        assert_eq!(winners.len(), 1, "round {round}");
        assert_eq!(read(&client, "store", &key).await, format!("writer {}", winners[0]).as_bytes());
    }
    assert_eq!(endpoint.files("store"), ROUNDS);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_increment_is_lost_with_if_match() {
    let endpoint = Endpoint::start().await;
    let client = endpoint.client();
    write(&client, "store", "counter", b"0").await;
    let workers: Vec<_> = (0..8).map(|_| tokio::spawn(increment(client.clone(), 10))).collect();
    for worker in workers {
        worker.await.unwrap();
    }
    assert_eq!(read(&client, "store", "counter").await, b"80");
}

async fn increment(client: Client, times: usize) {
    let mut done = 0;
    while done < times {
        let object = client.get_object().bucket("store").key("counter").send().await.unwrap();
        let etag = object.e_tag().unwrap().to_owned();
        let count: usize = String::from_utf8(object.body.collect().await.unwrap().to_vec()).unwrap().parse().unwrap();
        let put = client.put_object().bucket("store").key("counter").if_match(etag);
        match put.body((count + 1).to_string().into_bytes().into()).send().await {
            Ok(_) => done += 1,
            error => assert_eq!(code(error), "PreconditionFailed"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn conditions_follow_deletion() {
    let endpoint = Endpoint::start().await;
    let client = endpoint.client();
    let missing = client.put_object().bucket("store").key("x").if_match("\"00\"").body(b"x".to_vec().into());
    assert_eq!(code(missing.send().await), "NoSuchKey");
    create(client.clone(), "x".to_owned(), 1).await.unwrap();
    create(client.clone(), "x".to_owned(), 2).await.unwrap_err();
    client.delete_object().bucket("store").key("x").send().await.unwrap();
    create(client.clone(), "x".to_owned(), 3).await.unwrap();
    assert_eq!(endpoint.files("store"), 1);
    let etag = client.head_object().bucket("store").key("x").send().await.unwrap().e_tag().unwrap().to_owned();
    let get = client.get_object().bucket("store").key("x");
    assert_eq!(code(get.clone().if_match("\"00\"").send().await), "PreconditionFailed");
    let fresh = get.if_none_match(etag).send().await.unwrap_err();
    assert_eq!(fresh.raw_response().unwrap().status().as_u16(), 304);
}

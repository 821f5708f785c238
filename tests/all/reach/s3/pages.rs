//! Lists of more than one page, as AWS documents them. The real endpoint takes half a minute to be filled so far.

use lifeboat::reach::s3::{Options, Ticket, Trouble, Upload};

use super::between::{Act, Head, between, say};
use super::open;

/// What a parameter of the query says.
fn asked<'h>(head: &'h Head, name: &str) -> Option<&'h str> {
    let query = head.line.split(' ').nth(1)?.split_once('?')?.1;
    query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

fn objects(head: &Head) -> Act {
    assert_eq!((asked(head, "list-type"), asked(head, "encoding-type")), (Some("2"), Some("url")));
    let page: usize =
        asked(head, "continuation-token").map_or(0, |token| token.trim_end_matches("%3D").parse().unwrap());
    let object = |number: usize| {
        let key = format!("k%2Bk/{number:05}");
        format!(
            "<Contents><Key>{key}</Key><LastModified>2024-11-18T02:00:00.000Z</LastModified>\
             <ETag>&quot;70ee1738b6b21e2c8a43f3a5ab0eee71&quot;</ETag><Size>{number}</Size>\
             <StorageClass>STANDARD</StorageClass></Contents>"
        )
    };
    // The second one passes over what was removed.
    let on_it = match page {
        0 => 0..1_000,
        1 => 0..0,
        _ => 1_000..1_110,
    };
    let more =
        if page < 2 { format!("<NextContinuationToken>{}=</NextContinuationToken>", page + 1) } else { String::new() };
    let contents: String = on_it.map(object).collect();
    say(&format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
         <Name>store</Name><Prefix>k%2B</Prefix><MaxKeys>1000</MaxKeys><EncodingType>url</EncodingType>\
         <IsTruncated>{}</IsTruncated>{more}{contents}</ListBucketResult>",
        page < 2
    ))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listing_goes_over_all_its_pages() {
    let (address, count) = between(None, objects).await;
    let store = open(address).await;
    let listed = store.list("k+", 5_000).await.unwrap();
    assert_eq!(
        (listed.entries.len(), listed.is_cut, count.load(std::sync::atomic::Ordering::SeqCst)),
        (1_110, false, 3)
    );
    let right = |(number, entry): (u64, &lifeboat::reach::s3::Entry)| {
        entry.key == format!("k+k/{number:05}") && entry.size == number
    };
    assert!((0..).zip(&listed.entries).all(right));
    let cut = store.list("k+", 1_050).await.unwrap();
    assert_eq!((cut.entries.len(), cut.is_cut), (1_050, true));
    assert!(!store.list("k+", 1_110).await.unwrap().is_cut);
}

fn parts(head: &Head) -> Act {
    let after: u32 = asked(head, "part-number-marker").map_or(0, |after| after.parse().unwrap());
    let last = (after + 1_000).min(2_500);
    let part = |number: u32| {
        format!(
            "<Part><PartNumber>{number}</PartNumber><LastModified>2010-11-10T20:48:34.000Z</LastModified>\
             <ETag>\"7778aef83f66abc1fa1e8477f296d394\"</ETag><Size>10485760</Size><ChecksumCRC32C>AAAAAA==</ChecksumCRC32C>\
             </Part>"
        )
    };
    let found: String = (after + 1..=last).map(part).collect();
    say(&format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListPartsResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
         <Bucket>store</Bucket><Key>k</Key><UploadId>id</UploadId><PartNumberMarker>{after}</PartNumberMarker>\
         <NextPartNumberMarker>{last}</NextPartNumberMarker><MaxParts>1000</MaxParts><IsTruncated>{}</IsTruncated>\
         <ChecksumAlgorithm>CRC32C</ChecksumAlgorithm>{found}</ListPartsResult>",
        last < 2_500
    ))
}

/// Takes a list of parts that is signed, and nothing else.
fn completes(head: &Head) -> Act {
    if head.is("GET", "uploadId") {
        return parts(head);
    }
    assert!(head.is("POST", "/k?uploadId=id"), "{}", head.line);
    assert_eq!(head.header("x-amz-content-sha256").map(str::len), Some(64));
    assert_eq!(head.header("x-amz-mp-object-size"), Some("26214400000"));
    say("<CompleteMultipartUploadResult><ETag>&quot;abc-2500&quot;</ETag></CompleteMultipartUploadResult>")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_list_of_parts_is_signed() {
    let (address, _) = between(None, completes).await;
    let upload = upload(&open(address).await);
    let parts = upload.list_parts().await.unwrap();
    assert_eq!(upload.complete(&parts, true).await.unwrap().etag, "abc-2500");
}

fn upload(store: &lifeboat::reach::s3::Bucket) -> Upload {
    Upload::resume(store, Ticket { key: "k".to_owned(), id: "id".to_owned(), mark: "m".to_owned() })
}

#[tokio::test(flavor = "multi_thread")]
async fn all_parts_that_have_arrived_are_found() {
    let (address, count) = between(None, parts).await;
    let found = upload(&open(address).await).list_parts().await.unwrap();
    assert!(found.len() == 2_500 && (1..).zip(&found).all(|(number, part)| part.number == number));
    assert_eq!((found[7].size, found[7].etag.as_str()), (10_485_760, "7778aef83f66abc1fa1e8477f296d394"));
    assert_eq!((found[7].checksum.as_deref(), count.load(std::sync::atomic::Ordering::SeqCst)), (Some("AAAAAA=="), 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_that_lead_in_circles_are_left() {
    let body = "<ListPartsResult><IsTruncated>true</IsTruncated><NextPartNumberMarker>1</NextPartNumberMarker>\
                </ListPartsResult>";
    let (address, _) = between(None, move |_| say(body)).await;
    let error = upload(&open(address).await).list_parts().await.unwrap_err();
    assert!(matches!(error.trouble(), Trouble::Malformed(_)), "{error}");
    // What begins an upload has to name it.
    let (address, _) = between(None, |_| say("<InitiateMultipartUploadResult/>")).await;
    let error = Upload::begin(&open(address).await, "k", &Options::default()).await.unwrap_err();
    assert!(matches!(error.trouble(), Trouble::Malformed(_)), "{error}");
}

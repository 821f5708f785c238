//! Where a bucket and its objects are asked for.

use reqwest::Url;

use crate::reach::sign;
use crate::text::{Shape, untrusted, with_causes};

/// The region of a bucket of which the plan does not say it.
pub(crate) const REGION: &str = "us-east-1";

/// The longest key that AWS takes.
const LONGEST: usize = 1024;

/// Whether a bucket may be called so.
pub(crate) fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
}

/// The address of a bucket. At AWS its name stands in the host, unless dots in it would break the certificate; a
/// service of one's own rarely has a host for each.
pub(crate) fn bucket(name: &str, region: &str, endpoint: Option<&str>) -> Result<Url, String> {
    if !is_name(name) {
        return Err(format!("{} is no name of a bucket", untrusted(format!("{name:?}"), Shape::line(80))));
    }
    let url = match endpoint {
        Some(endpoint) => format!("{}/{name}", endpoint.trim_end_matches('/')),
        None if !is_name(region) => {
            return Err(format!("{} is no region", untrusted(format!("{region:?}"), Shape::line(80))));
        }
        None => {
            let country = if region.starts_with("cn-") { ".cn" } else { "" };
            let service = format!("s3.{region}.amazonaws.com{country}");
            let in_host = !name.contains(['.', '_']) && !name.bytes().any(|byte| byte.is_ascii_uppercase());
            if in_host { format!("https://{name}.{service}/") } else { format!("https://{service}/{name}") }
        }
    };
    let url: Url = url.parse().map_err(|error| with_causes(&error))?;
    match url.scheme() {
        "http" | "https" if url.has_host() => Ok(url),
        _ => Err("it begins neither with https:// nor with http://".to_owned()),
    }
}

/// The address of an object, every letter encoded as it is signed.
pub(crate) fn object(bucket: &Url, key: &str) -> Result<Url, String> {
    let refused = |why: &str| Err(format!("{} is no key: {why}", untrusted(format!("{key:?}"), Shape::line(80))));
    if key.is_empty() || key.len() > LONGEST {
        return refused("it has no letters, or more than 1024");
    }
    // Whatever handles addresses takes these out, so that another object would be asked for.
    if key.split('/').any(|part| matches!(part, "." | "..")) {
        return refused("a part of it is . or ..");
    }
    let mut url = bucket.clone();
    let path = format!("{}/{}", bucket.path().trim_end_matches('/'), sign::path(key));
    url.set_path(&path);
    Ok(url)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_host_names_the_bucket_at_aws_alone() {
        let at = |name, region, endpoint| bucket(name, region, endpoint).unwrap().to_string();
        assert_eq!(at("store", "eu-west-1", None), "https://store.s3.eu-west-1.amazonaws.com/");
        assert_eq!(at("a.store", "eu-west-1", None), "https://s3.eu-west-1.amazonaws.com/a.store");
        assert_eq!(at("store", "cn-north-1", None), "https://store.s3.cn-north-1.amazonaws.com.cn/");
        assert_eq!(at("store", "us-east-1", Some("http://10.0.0.5:9000/")), "http://10.0.0.5:9000/store");
        assert!(bucket("sto/re", "eu-west-1", None).is_err());
        assert!(bucket("store", "x/../y", None).is_err());
        assert!(bucket("store", "eu-west-1", Some("minio:9000")).is_err());
    }

    #[test]
    fn a_key_is_encoded_as_it_is_signed() {
        let there = bucket("b", "eu-west-1", Some("http://h")).unwrap();
        assert_eq!(object(&there, "a b/c+d=é//e").unwrap().as_str(), "http://h/b/a%20b/c%2Bd%3D%C3%A9//e");
        let virtual_host = bucket("bucket", "eu-west-1", None).unwrap();
        assert_eq!(object(&virtual_host, "k").unwrap().path(), "/k");
        for bad in ["", "a/../b", "./a", "..", &"x".repeat(1025)] {
            assert!(object(&there, bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_key_leads_out_of_the_bucket(key in any::<String>()) {
            let there = bucket("b", "eu-west-1", Some("http://h/base")).unwrap();
            if let Ok(url) = object(&there, &key) {
                prop_assert_eq!(url.path(), format!("/base/b/{}", sign::path(&key)));
                prop_assert_eq!(url.query(), None);
            }
        }
    }
}

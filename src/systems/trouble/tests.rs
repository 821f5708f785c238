//! What an error says of a system.

use std::io;

use super::*;

fn verdict_of(error: &io::Error) -> Verdict {
    failed_at("10.0.0.1:5432", error).verdict()
}

#[test]
fn who_refuses_is_down_and_who_cannot_be_reached_is_unknown() {
    assert_eq!(verdict_of(&io::ErrorKind::ConnectionRefused.into()), Verdict::Down);
    assert_eq!(verdict_of(&io::ErrorKind::ConnectionReset.into()), Verdict::Down);
    assert_eq!(verdict_of(&io::ErrorKind::UnexpectedEof.into()), Verdict::Down);
    assert_eq!(verdict_of(&io::ErrorKind::HostUnreachable.into()), Verdict::Unknown);
    assert_eq!(verdict_of(&io::ErrorKind::TimedOut.into()), Verdict::Unknown);
    assert_eq!(verdict_of(&io::Error::other("failed to lookup address information: x")), Verdict::Unknown);
    let wrapped = io::Error::other(io::Error::from(io::ErrorKind::NetworkUnreachable));
    assert_eq!(verdict_of(&wrapped), Verdict::Unknown);
}

#[test]
fn what_is_wrong_here_says_nothing_about_others() {
    let too_many_files = io::Error::from_raw_os_error(24);
    for (error, way_out) in [
        (too_many_files, "files"),
        (io::ErrorKind::NotFound.into(), "this machine"),
        (io::ErrorKind::PermissionDenied.into(), "this user"),
        (io::ErrorKind::AddrNotAvailable.into(), "address"),
        (io::Error::other("authority /etc/ca.pem: there is no certificate in it"), "this machine"),
    ] {
        let wrapped = failed_at("10.0.0.1:5432", &io::Error::other(error));
        assert_eq!((wrapped.verdict(), wrapped.connection()), (Verdict::Unknown, "unasked"), "{wrapped:?}");
        assert!(wrapped.next_step().contains(way_out), "{}", wrapped.next_step());
    }
}

#[test]
fn a_certificate_that_all_refuse_is_down_and_one_that_we_do_not_trust_is_unknown() {
    let component: Component = toml::from_str("name='db'\nkind='postgres'\naddress='db'").unwrap();
    let verdict = |flaw: rustls::CertificateError| {
        let wrapped = io::Error::other(rustls::Error::InvalidCertificate(flaw));
        failed(&component, &wrapped).verdict()
    };
    assert_eq!(verdict(rustls::CertificateError::Expired), Verdict::Down);
    assert_eq!(verdict(rustls::CertificateError::NotValidForName), Verdict::Down);
    assert_eq!(verdict(rustls::CertificateError::UnknownIssuer), Verdict::Unknown);
}

#[test]
fn an_address_is_told_without_its_password() {
    assert_eq!(shown("postgresql://me:secret@db:5432/x"), "postgresql://db:5432/x");
    assert_eq!(shown("me:secret@db"), "db");
}

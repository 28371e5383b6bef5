//! The certificate authorities that the image trusts.

use std::fs;
use std::process::Command;

use super::root;

/// The certificate authorities that the image would have if the package had these files.
fn authorities(files: &[(&str, &str)]) -> Result<String, String> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let output = Command::new(root().join("image/authorities"))
        .arg(folder.path())
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    output.status.success().then_some(printed).ok_or(errors)
}

#[test]
fn the_authorities_of_the_image_are_the_certificates_of_the_package_in_order() {
    let issue = || {
        let key = rcgen::KeyPair::generate().unwrap();
        let params = rcgen::CertificateParams::new(Vec::new()).unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        (pem.replace("\r\n", "\n"), key.serialize_pem())
    };
    let ((first, key), (second, _)) = (issue(), issue());
    let files = [
        ("a.crt", &*first),
        ("B.crt", second.trim_end()),
        ("c.pem", &key),
    ];
    assert_eq!(authorities(&files).unwrap(), format!("{second}{first}"));
    let two = format!("{first}{second}");
    for text in ["", "words\n", &key, &two, &first[..first.len() / 2]] {
        let error = authorities(&[("a.crt", &first), ("b.crt", text)]).unwrap_err();
        assert!(error.contains("/b.crt is not one certificate"), "{error}");
    }
    let error = authorities(&[]).unwrap_err();
    assert!(error.contains("install ca-certificates"), "{error}");
}

//! How the image is made: the two ways to build it agree, and its bill of materials is whole. Whether
//! it starts is seen by `image/check`, which `.ci/run` runs on what `image/build` has made.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails"
)]

#[path = "image/authorities.rs"]
mod authorities;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// What follows the first line that begins like this.
fn after<'a>(text: &'a str, start: &str) -> &'a str {
    let mut lines = text.lines().map(str::trim_start);
    lines.find_map(|line| line.strip_prefix(start)).unwrap()
}

#[test]
fn the_dockerfile_and_the_script_make_the_same_image() {
    let (dockerfile, script) = (read("Dockerfile"), read("image/build"));
    let channel = after(&read("rust-toolchain.toml"), "channel = ").to_owned();
    let base = format!("rust:{}-bookworm AS build", channel.trim_matches('"'));
    assert_eq!(after(&dockerfile, "FROM "), base);
    let last = dockerfile.rsplit("\nFROM ").next().unwrap();
    assert!(last.starts_with("scratch\n"), "{last}");
    for (instruction, flag) in [
        ("USER ", "--user "),
        ("WORKDIR ", "--workingdir "),
        ("ENTRYPOINT ", "--entrypoint "),
    ] {
        let value = after(last, instruction);
        let plain = format!("{flag}{value}");
        let quoted = format!("{flag}'{value}'");
        assert!(
            script.contains(&plain) || script.contains(&quoted),
            "{flag}"
        );
    }
    assert!(
        !last.contains("\nRUN ") && !last.contains("\nCMD "),
        "{last}"
    );
}

#[test]
fn the_dockerfile_and_the_script_label_the_image_alike() {
    let (dockerfile, script, manifest) =
        (read("Dockerfile"), read("image/build"), read("Cargo.toml"));
    let package = |key: &str| after(&manifest, &format!("{key} = ")).to_owned();
    let said: Vec<(&str, &str)> = dockerfile
        .lines()
        .filter_map(|line| line.strip_prefix("LABEL org.opencontainers.image."))
        .map(|label| label.split_once('=').unwrap())
        .collect();
    let labels: Vec<&str> = script
        .lines()
        .filter_map(|line| line.strip_prefix("  label "))
        .map(|label| label.split(' ').next().unwrap())
        .collect();
    let names: Vec<&str> = said.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, labels);
    let values = [
        ("title", package("name")),
        ("description", package("description")),
        ("version", "\"$VERSION\"".to_owned()),
        ("revision", "\"$REVISION\"".to_owned()),
        ("licenses", package("license")),
    ];
    let values: Vec<(&str, &str)> = values.iter().map(|(name, it)| (*name, &**it)).collect();
    assert_eq!(said, values);
    // The arguments are of the stage that names them.
    let last = dockerfile.rsplit("\nFROM ").next().unwrap();
    assert_eq!(after(last, "ARG VERSION="), env!("CARGO_PKG_VERSION"));
    assert!(last.contains("\nARG REVISION"), "{last}");
}

/// What `image/revision` says of a checkout that these changes were made to.
fn revision(folder: &Path, change: &str) -> String {
    told_revision(folder, change).unwrap()
}

/// The same, or the error.
fn told_revision(folder: &Path, change: &str) -> Result<String, String> {
    let output = Command::new("bash")
        .args(["-euc", &format!("{change}\nimage/revision")])
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env_remove("GIT_DIR")
        .env_remove("GIT_WORK_TREE")
        .env_remove("GIT_INDEX_FILE")
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    let printed = String::from_utf8(output.stdout).unwrap();
    output.status.success().then_some(printed).ok_or(errors)
}

#[test]
fn an_image_of_changed_files_does_not_name_their_commit_alone() {
    let folder = tempfile::tempdir().unwrap();
    let script = root().join("image/revision");
    let copy = format!("mkdir image && cp {} image/", script.display());
    assert_eq!(revision(folder.path(), &copy), "", "there is no commit yet");
    let commit = "git init --quiet && git add . && \
                  git -c user.name=a -c user.email=a@example.com commit --quiet -m a";
    let clean = revision(folder.path(), commit);
    let hash = clean.trim_end();
    assert_eq!(hash.len(), 40, "{hash}");
    let dirty = format!("{hash}-dirty\n");
    assert_eq!(revision(folder.path(), "touch new"), dirty);
    let hidden = "git config status.showUntrackedFiles no";
    assert_eq!(revision(folder.path(), hidden), dirty);
    assert_eq!(revision(folder.path(), "rm new"), clean);
    assert_eq!(revision(folder.path(), "echo >> image/revision"), dirty);
    // A repository that Git refuses to read is not none.
    let foreign = "export GIT_TEST_ASSUME_DIFFERENT_OWNER=1";
    let error = told_revision(folder.path(), foreign).unwrap_err();
    assert!(error.contains("dubious ownership"), "{error}");
}

/// What a script of a checkout in the folder with this name says before it fails.
fn refusal(folder: &str, name: &str) -> String {
    let parent = tempfile::tempdir().unwrap();
    let image = parent.path().join(folder).join("image");
    fs::create_dir_all(&image).unwrap();
    fs::copy(root().join("image").join(name), image.join(name)).unwrap();
    let output = Command::new(image.join(name))
        .arg(image.with_file_name("out"))
        .output()
        .unwrap();
    assert!(!output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn paths_that_would_be_split_are_refused_at_the_start() {
    let error = refusal("with space", "rootfs");
    assert!(error.contains("there is white space in "), "{error}");
    let error = refusal("with:colon", "build");
    assert!(error.contains("there is a colon in "), "{error}");
}

#[test]
fn the_deployment_runs_this_version_as_the_user_of_the_image() {
    let deployment: Value = serde_saphyr::from_str(&read("deploy/deployment.yaml")).unwrap();
    let pod = &deployment["spec"]["template"]["spec"];
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(pod["containers"][0]["image"], format!("dialtone:{version}"));
    // The image names what is started.
    assert!(pod["containers"][0]["command"].is_null());
    let user = format!("USER {0}:{0}\n", pod["securityContext"]["runAsUser"]);
    assert!(read("Dockerfile").contains(&user), "{user}");
}

/// The files of a folder and of the folders in it.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

#[test]
fn the_dockerfile_gets_everything_that_the_program_is_built_from() {
    let ignore = read(".dockerignore");
    let given: BTreeSet<&str> = ignore
        .lines()
        .filter_map(|line| line.strip_prefix('!'))
        .collect();
    let mut needed: BTreeSet<String> = [
        "Cargo.toml",
        "Cargo.lock",
        "LICENSE",
        "image",
        "src",
        "benches",
    ]
    .map(str::to_owned)
    .into();
    for file in files(&root().join("src")) {
        let text = fs::read_to_string(&file).unwrap();
        for part in text.split("include_str!(\"").skip(1) {
            let target = file.parent().unwrap().join(part.split('"').next().unwrap());
            let target = target.canonicalize().unwrap();
            let inside = target.strip_prefix(root().canonicalize().unwrap()).unwrap();
            // Tests are not built there.
            let first = inside.iter().next().unwrap().to_str().unwrap();
            needed.extend(Some(first.to_owned()).filter(|first| first != "tests"));
        }
    }
    assert!(needed.contains("docs"), "{needed:?}");
    // Or else rustup would fetch what its components list has and the base image has not.
    assert!(!given.contains("rust-toolchain.toml"));
    for name in needed {
        assert!(
            given.contains(name.as_str()),
            "{name} is not in .dockerignore"
        );
    }
}

/// The bill of materials for this target.
fn bill(target: &str) -> String {
    script("sbom", Path::new(target))
}

/// What one of the scripts in `image` prints.
fn script(name: &str, argument: &Path) -> String {
    let output = Command::new(root().join("image").join(name))
        .arg(argument)
        .current_dir(root())
        .output()
        .unwrap_or_else(|error| {
            panic!("image/{name} needs Python 3.11 or newer as python3: {error}")
        });
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_bill_of_materials_has_every_package_that_is_linked_and_no_other() {
    let target = "x86_64-unknown-linux-gnu";
    let text = bill(target);
    assert_eq!(bill(target), text, "two runs differ");
    let bill: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (&bill["bomFormat"], &bill["specVersion"]),
        (&"CycloneDX".into(), &"1.6".into())
    );
    let (components, system): (Vec<&Value>, Vec<&Value>) = bill["components"]
        .as_array()
        .unwrap()
        .iter()
        .partition(|it| it["purl"].as_str().unwrap().starts_with("pkg:cargo/"));
    let names: BTreeSet<&str> = components
        .iter()
        .map(|it| it["name"].as_str().unwrap())
        .collect();
    // What is called, also through others; what tests, build scripts and macros are made of; what no
    // feature asks for.
    for linked in ["aws-lc-sys", "kube-client", "rustls", "tokio", "serde"] {
        assert!(names.contains(linked), "{linked}");
    }
    for other in [
        "insta",
        "proptest",
        "cc",
        "syn",
        "serde_derive",
        "ring",
        "dialtone",
    ] {
        assert!(!names.contains(other), "{other}");
    }
    let mut references: BTreeSet<&str> = components
        .iter()
        .map(|it| {
            assert_eq!(
                it["hashes"][0]["content"].as_str().unwrap().len(),
                64,
                "{it:#}"
            );
            assert!(it["licenses"][0]["expression"].is_string(), "{it:#}");
            it["purl"].as_str().unwrap()
        })
        .collect();
    assert_eq!(references.len(), components.len());
    // What is linked or shipped besides, by the version of this machine.
    let beside: Vec<&str> = system
        .iter()
        .map(|it| {
            assert!(it["licenses"][0]["expression"].is_string(), "{it:#}");
            assert!(references.insert(it["purl"].as_str().unwrap()), "{it:#}");
            it["name"].as_str().unwrap()
        })
        .collect();
    assert_eq!(beside, ["rust-std", "glibc", "libgcc", "ca-certificates"]);
    for it in &system[..3] {
        assert!(it["version"].as_str().unwrap().contains('.'), "{it:#}");
    }
    references.insert(bill["metadata"]["component"]["purl"].as_str().unwrap());
    let dependencies = bill["dependencies"].as_array().unwrap();
    assert_eq!(dependencies.len(), references.len());
    for dependency in dependencies {
        let on = dependency["dependsOn"].as_array().unwrap();
        for one in on.iter().chain([&dependency["ref"]]) {
            assert!(references.contains(one.as_str().unwrap()), "{one}");
        }
    }
    let own = dependencies
        .iter()
        .find(|it| it["ref"] == bill["metadata"]["component"]["purl"]);
    let direct: Value = own.unwrap()["dependsOn"].clone();
    let direct = direct.to_string();
    assert!(
        direct.contains("pkg:cargo/tokio@") && !direct.contains("pkg:cargo/mio@"),
        "{direct}"
    );
    assert!(direct.contains("pkg:generic/rust-std@"), "{direct}");
}

#[test]
fn every_package_that_is_linked_has_its_licence_in_the_notices() {
    let text = bill("x86_64-unknown-linux-gnu");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sbom.cdx.json");
    fs::write(&path, &text).unwrap();
    let notices = script("third-party", &path);
    assert_eq!(script("third-party", &path), notices, "two runs differ");
    let (head, texts) = notices.split_once("\n====").unwrap();
    let bill: Value = serde_json::from_str(&text).unwrap();
    for part in bill["components"].as_array().unwrap() {
        let [name, version, purl] = ["name", "version", "purl"].map(|key| part[key].as_str());
        if !purl.unwrap().starts_with("pkg:cargo/") {
            continue;
        }
        let one = format!("{} {}", name.unwrap(), version.unwrap());
        assert!(head.contains(&format!("\n{one}: ")), "{one}");
        assert!(texts.contains(&format!("\n  {one}, ")), "{one}");
    }
    // A text is there once, whoever has it; a notice is there too; who gives no text gets the usual one.
    let rule = format!("{}\n", "=".repeat(100));
    let bodies: Vec<String> = notices
        .split(&rule)
        .skip(2)
        .step_by(2)
        .map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    assert!(bodies.len() > 100);
    assert_eq!(bodies.iter().collect::<BTreeSet<_>>().len(), bodies.len());
    assert!(texts.contains("Copyright (c) Boshen, Oxc contributors\n"));
    for file in [
        "COPYRIGHT",
        "aws-lc/LICENSE",
        "src/unicode_tables/LICENSE-UNICODE",
    ] {
        assert!(texts.contains(&format!(", {file}\n")), "{file}");
    }
}

//! Proxies between the plugin and the API server.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::rig::Rig;
use crate::support::ControlPlane;

/// Where nobody listens.
const DEAD: &str = "http://127.0.0.1:9";

/// A proxy that knows CONNECT alone, and leads to the API server whatever host it is asked for.
struct Proxy {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    fn to(plane: &ControlPlane) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let target = plane.url().replace("https://", "");
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&asked);
        thread::spawn(move || {
            for client in listener.incoming() {
                let (client, target, seen) = (client.unwrap(), target.clone(), Arc::clone(&seen));
                thread::spawn(move || lead(client, &target, &seen));
            }
        });
        Self { url, asked }
    }

    /// The hosts that it was asked for since the last time, each once.
    fn asked(&self) -> Vec<String> {
        let mut asked = std::mem::take(&mut *self.asked.lock().unwrap());
        asked.dedup();
        asked
    }
}

fn lead(mut client: TcpStream, target: &str, seen: &Mutex<Vec<String>>) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        client.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let host = head
        .strip_prefix("CONNECT ")
        .and_then(|it| it.split(' ').next());
    seen.lock().unwrap().push(host.unwrap().to_owned());
    let mut server = TcpStream::connect(target).unwrap();
    client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
    let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    thread::spawn(move || {
        let _ = std::io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Write);
    });
    let _ = std::io::copy(&mut server, &mut client);
    let _ = client.shutdown(Shutdown::Both);
}

/// Lists the objects of a namespace, with these variables about proxies and no others.
fn status(rig: &Rig<'_>, kubeconfig: &Path, variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dialtone"));
    command.args(["kubectl", "status", "-n", &rig.namespace]);
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"] {
        command.env_remove(name).env_remove(name.to_lowercase());
    }
    let variables = variables.iter().copied();
    command
        .env("KUBECONFIG", kubeconfig)
        .envs(variables)
        .output()
        .unwrap()
}

/// The administrator's kubeconfig with more said of the cluster.
fn kubeconfig(plane: &ControlPlane, name: &str, more: &str) -> PathBuf {
    let text = std::fs::read_to_string(plane.admin_kubeconfig()).unwrap();
    let mut read: serde_json::Value = serde_saphyr::from_str(&text).unwrap();
    let more: serde_json::Value = serde_json::from_str(more).unwrap();
    let cluster = read["clusters"][0]["cluster"].as_object_mut().unwrap();
    cluster.extend(more.as_object().unwrap().clone());
    let path = plane.folder().join(name);
    std::fs::write(&path, read.to_string()).unwrap();
    path
}

#[track_caller]
fn answered(output: &Output) {
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && told.contains("there are no objects"),
        "{told}"
    );
}

#[tokio::test]
async fn a_proxy_of_the_environment_is_not_asked_for_what_is_on_this_machine() {
    let rig = Rig::new(ControlPlane::shared(), "direct").await;
    let own = rig.plane.admin_kubeconfig();
    let dead = ("HTTPS_PROXY", DEAD);
    answered(&status(&rig, &own, &[dead]));
    answered(&status(&rig, &own, &[dead, ("NO_PROXY", "127.0.0.1")]));
    let told = status(&rig, &own, &[dead, ("NO_PROXY", "127.0.0.1,")]).stderr;
    let told = String::from_utf8(told).unwrap();
    assert!(told.contains("NO_PROXY cannot be read"), "{told}");
}

#[tokio::test]
async fn an_api_server_behind_a_proxy_is_reached_through_it_and_not_where_no_proxy_covers_it() {
    let plane = ControlPlane::shared();
    let rig = Rig::new(plane, "proxied").await;
    let proxy = Proxy::to(plane);
    let far = r#"{"server": "https://api.example.invalid:6443", "tls-server-name": "127.0.0.1"}"#;
    let far = kubeconfig(plane, "far.kubeconfig", far);
    let through = ("HTTPS_PROXY", proxy.url.as_str());
    answered(&status(&rig, &far, &[through]));
    assert_eq!(proxy.asked(), ["api.example.invalid:6443"]);
    // NO_PROXY is about the API server, and not about the proxy itself.
    answered(&status(&rig, &far, &[through, ("NO_PROXY", "127.0.0.1")]));
    assert_eq!(proxy.asked(), ["api.example.invalid:6443"]);
    let direct = status(&rig, &far, &[through, ("NO_PROXY", ".example.invalid")]);
    assert!(!direct.status.success(), "{direct:?}");
    assert_eq!(proxy.asked(), Vec::<String>::new());
}

#[tokio::test]
async fn the_proxy_of_the_kubeconfig_is_asked_whatever_the_environment_says() {
    let plane = ControlPlane::shared();
    let rig = Rig::new(plane, "named").await;
    let proxy = Proxy::to(plane);
    let named = format!(r#"{{"proxy-url": "{}"}}"#, proxy.url);
    let named = kubeconfig(plane, "proxied.kubeconfig", &named);
    let variables = [("HTTPS_PROXY", DEAD), ("NO_PROXY", "*")];
    answered(&status(&rig, &named, &variables));
    let asked = [plane.url().replace("https://", "")];
    assert_eq!(proxy.asked(), asked);
    // Not even where NO_PROXY cannot be read.
    answered(&status(&rig, &named, &[("NO_PROXY", "127.0.0.1,")]));
    assert_eq!(proxy.asked(), asked);
}

//! `nginx.conf`, with a real nginx in front of real servers.
//!
//! The file is used as it is, but for where it listens, where `web` is looked up, and where it may
//! write: in the compose stack, Docker's own resolver answers for `web`; here dnsmasq does.

mod refusals;

use std::fs::{self, File, Permissions};
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::support::client::{Client, raw};
use crate::support::component::program;
use crate::support::server::{PATIENCE, Server};
use crate::support::storage::Storage;

/// nginx, and the name server that it asks for `web`.
pub struct Proxy {
    nginx: Child,
    dnsmasq: Child,
    folder: TempDir,
    address: String,
    /// The port on which `web` is expected.
    port: u16,
}

impl Proxy {
    pub fn start(web: &[Ipv4Addr]) -> Option<Self> {
        Self::start_with(web, |_| {})
    }

    /// The same, once `prepare` has put into its folder what else it should have.
    pub fn start_with(web: &[Ipv4Addr], prepare: impl FnOnce(&Path)) -> Option<Self> {
        let nginx = program("nginx", &["nginx"])?;
        let dnsmasq = program("dnsmasq", &["dnsmasq"])?;
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        let [dns, listen, port] = free_ports();

        let mut configuration =
            fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/nginx.conf")).unwrap();
        for (from, to) in [
            ("127.0.0.11", format!("127.0.0.1:{dns}")),
            ("listen 8080", format!("listen 127.0.0.1:{listen}")),
            (":8000", format!(":{port}")),
            ("/tmp/", path("")),
            ("/etc/nginx/tls/", path("tls/")),
        ] {
            assert!(configuration.contains(from), "nginx.conf lacks {from}");
            configuration = configuration.replace(from, &to);
        }
        fs::write(path("nginx.conf"), configuration).unwrap();
        // As docker-compose.yml writes them down.
        fs::write(path("host_names.conf"), "rooms.example yes;\nx yes;\n").unwrap();
        prepare(folder.path());
        write_hosts(&folder, web);

        let output = |name: &str| File::create(path(name)).unwrap();
        let dnsmasq = Command::new(dnsmasq)
            .args(["--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts"])
            .args(["--bind-interfaces", "--listen-address=127.0.0.1", "--user=root", "--pid-file"])
            .args([format!("--port={dns}"), format!("--addn-hosts={}", path("hosts"))])
            .stderr(output("dnsmasq.log"))
            .spawn()
            .unwrap();
        let nginx = Command::new(nginx)
            .args(["-c", &path("nginx.conf"), "-p", &path(""), "-e", "stderr"])
            .args(["-g", "daemon off;"])
            .stdout(output("access.log"))
            .stderr(output("error.log"))
            .spawn()
            .unwrap();
        let address = format!("127.0.0.1:{listen}");
        let proxy = Self { nginx, dnsmasq, folder, address, port };
        proxy.wait_for("nginx to answer", |client| client.try_ask("GET", "/live", &[]).is_ok());
        Some(proxy)
    }

    /// Changes what `web` is, as when a container is made anew.
    fn move_web(&self, web: &[Ipv4Addr]) {
        write_hosts(&self.folder, web);
        signal(&self.dnsmasq, "HUP");
    }

    /// nginx's processes.
    pub fn processes(&self) -> Vec<String> {
        let first = self.nginx.id().to_string();
        let children = Command::new("pgrep").args(["-P", &first]).output().unwrap().stdout;
        let children = String::from_utf8(children).unwrap();
        std::iter::once(first).chain(children.lines().map(str::to_owned)).collect()
    }

    /// As in `127.0.0.1:8080`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The access log so far: a line per request.
    pub fn access_log(&self) -> String {
        fs::read_to_string(self.folder.path().join("access.log")).unwrap()
    }

    /// The port on which each server is expected.
    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn client(&self) -> Client {
        Client::new(&self.address)
    }

    pub fn owner(&self) -> Client {
        Client::of_owner(&self.address)
    }

    pub fn wait_for(&self, what: &str, condition: impl Fn(&Client) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !condition(&self.client()) {
            let log = fs::read_to_string(self.folder.path().join("error.log")).unwrap();
            assert!(Instant::now() < deadline, "waited for {what} in vain: {log}");
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// A server at one of the addresses of `web`.
    pub fn web(&self, address: Ipv4Addr) -> Server {
        let bind = format!("{address}:{}", self.port);
        Server::start(&Storage::Memory.url(), &["--bind", &bind], &[])
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // The master takes its workers with it.
        signal(&self.nginx, "TERM");
        let _ = self.nginx.wait();
        let _ = self.dnsmasq.kill();
        let _ = self.dnsmasq.wait();
    }
}

fn signal(child: &Child, signal: &str) {
    let id = child.id().to_string();
    crate::support::stdout(Command::new("kill").args(["-s", signal, &id]));
}

fn write_hosts(folder: &TempDir, web: &[Ipv4Addr]) {
    let lines: Vec<_> = web.iter().map(|address| format!("{address} web\n")).collect();
    fs::write(folder.path().join("hosts"), lines.concat()).unwrap();
}

/// Three ports that are free on every loopback address, as far as one can know.
fn free_ports() -> [u16; 3] {
    let listeners = [0; 3].map(|port| TcpListener::bind(("0.0.0.0", port)).unwrap());
    listeners.map(|listener| listener.local_addr().unwrap().port())
}

pub const FIRST: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
pub const SECOND: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 3);
const THIRD: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 4);

#[test]
fn both_servers_get_their_share_and_the_version_of_nginx_is_hidden() {
    let Some(proxy) = Proxy::start(&[FIRST, SECOND]) else { return };
    let servers = [proxy.web(FIRST), proxy.web(SECOND)];
    let client = proxy.client();
    for number in 0..40 {
        let id = format!("request-{number}");
        let answer = client.ask("GET", "/rooms", &[("x-request-id", &id)]);
        assert_eq!(answer.codes().len(), 4);
        assert_eq!(answer.header("x-request-id"), id);
        assert_eq!(answer.header("server"), "nginx");
    }
    for server in &servers {
        let share = server.log().matches("path=/rooms status=200").count();
        assert!(share >= 10, "one server got {share} of 40");
    }
}

#[test]
fn stopping_one_of_two_loses_no_request() {
    let Some(proxy) = Proxy::start(&[FIRST, SECOND]) else { return };
    for name in ["TERM", "KILL"] {
        let [first, second] = [proxy.web(FIRST), proxy.web(SECOND)];
        let asking: Vec<_> = (0..4)
            .map(|_| {
                let client = proxy.client();
                thread::spawn(move || {
                    let started = Instant::now();
                    let mut asked = 0;
                    while started.elapsed() < Duration::from_secs(2) {
                        assert_eq!(client.get("/rooms").codes().len(), 4);
                        asked += 1;
                        thread::sleep(Duration::from_millis(25));
                    }
                    asked
                })
            })
            .collect();
        thread::sleep(Duration::from_millis(500));
        first.signal(name);
        first.wait();
        for thread in asking {
            assert!(thread.join().unwrap() > 20);
        }
        drop(second);
    }
}

#[test]
fn a_server_that_moves_is_found_again_by_its_name() {
    let Some(proxy) = Proxy::start(&[FIRST]) else { return };
    let server = proxy.web(FIRST);
    assert_eq!(proxy.client().get("/ready").status, 200);
    drop(server);
    let _moved = proxy.web(SECOND);
    proxy.move_web(&[SECOND]);
    proxy.wait_for("web at its new address", |client| client.get("/ready").status == 200);
    proxy.move_web(&[SECOND, THIRD]);
    let third = proxy.web(THIRD);
    proxy.wait_for("a third server's share", |client| {
        client.get("/rooms").status == 200 && third.log().contains("path=/rooms")
    });
}

#[test]
fn without_a_server_the_answer_is_a_503_that_says_when_to_come_back() {
    for web in [vec![FIRST], vec![]] {
        let Some(proxy) = Proxy::start(&web) else { return };
        let answer = proxy.client().get("/rooms");
        assert_eq!(answer.status, 503);
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(answer.header("retry-after"), "1");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "strict-origin-when-cross-origin");
        assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"));
        let body = answer.json();
        assert_eq!(body["type"], "SystemError");
        assert_eq!(body["status"], 503);
        assert_eq!(body["message"], body["detail"]);
    }
}

#[test]
fn the_servers_own_answers_pass_unchanged() {
    let Some(proxy) = Proxy::start(&[FIRST]) else { return };
    let off = [("RENTOMATIC_DATABASE__MIGRATE_ON_START", "false")];
    let bind = format!("{FIRST}:{}", proxy.port);
    let server = Server::start("postgres://127.0.0.1:1/rooms", &["--bind", &bind], &off);
    let client = proxy.client();
    let long = format!("/rooms?filter_price__lt={}", "9".repeat(9_000));
    for (path, status) in
        [("/live", 200), ("/rooms", 503), ("/rooms?filter_foo=1", 400), ("/no", 404), (&long, 414)]
    {
        let (direct, proxied) = (server.get(path), client.get(path));
        assert_eq!((direct.status, proxied.status), (status, status), "{path}");
        if status < 500 {
            assert_eq!(proxied.body, direct.body, "{path}");
        }
        assert!(proxied.header("x-request-id").len() == 36, "{path}");
    }
}

#[test]
fn the_server_learns_who_asked_and_not_what_the_client_claims() {
    let Some(proxy) = Proxy::start(&[FIRST]) else { return };
    let request = "GET /rooms HTTP/1.1\r\nHost: rooms.example:8443\r\nX-Forwarded-For: 6.6.6.6\r\n\
                   X-Real-IP: 6.6.6.6\r\nX-Forwarded-Proto: gopher\r\nX-Request-Id: mine\r\n\
                   Forwarded: for=6.6.6.6;host=evil.example;proto=gopher\r\n\
                   X-Forwarded-Host: evil.example\r\nConnection: close\r\n\r\n";
    let seen = refusals::received(&proxy, request);
    for line in [
        "host: rooms.example:8443",
        "x-real-ip: 127.0.0.1",
        "x-forwarded-for: 127.0.0.1",
        "x-forwarded-proto: http",
        "x-request-id: mine",
    ] {
        assert!(seen.lines().any(|sent| sent == line), "{line} is not in {seen}");
    }
    for claim in ["6.6.6.6", "gopher", "evil.example"] {
        assert!(!seen.contains(claim), "{claim} is in {seen}");
    }
}

#[test]
fn a_body_over_the_limit_is_refused() {
    let Some(proxy) = Proxy::start(&[FIRST]) else { return };
    let _server = proxy.web(FIRST);
    for (path, length, status) in [
        ("/rooms", 64 * 1024 + 1, "413"),
        ("/rooms", 1024, "403"),
        ("/rooms/import", 65 * 1024 * 1024 + 1, "413"),
    ] {
        let head = format!("POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n\r\n");
        let mut request = head.into_bytes();
        if length == 1024 {
            request.extend([b'x'; 1024]);
        }
        let mut stream = std::net::TcpStream::connect(&proxy.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(&request).unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(String::from_utf8_lossy(&answer[9..]), status, "{path} {length}");
    }
}

#[test]
fn https_is_modern_and_http_leads_to_it() {
    let (Some(curl), Some(openssl)) =
        (program("curl", &["curl"]), program("openssl", &["openssl"]))
    else {
        return;
    };
    let [_, _, port] = free_ports();
    let Some(proxy) = Proxy::start_with(&[FIRST], |folder| {
        let path = |name: &str| folder.join(name).display().to_string();
        fs::create_dir(path("tls")).unwrap();
        crate::support::stdout(
            Command::new(&openssl)
                .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"])
                .args(["-noenc", "-days", "1", "-subj", "/CN=localhost", "-addext"])
                .args(["subjectAltName=DNS:localhost", "-keyout", &path("key.pem")])
                .args(["-out", &path("cert.pem")]),
        );
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/nginx.tls.conf");
        let configuration = fs::read_to_string(file).unwrap();
        let configuration = configuration
            .replace("listen 8443", &format!("listen 127.0.0.1:{port}"))
            .replace("/tmp/", &path(""))
            .replace("/etc/nginx/certificates/", &path(""));
        fs::write(path("tls/rentomatic.conf"), configuration).unwrap();
        write_https_port(folder, port);
    }) else {
        return;
    };
    let _server = proxy.web(FIRST);
    let ask = |arguments: &[&str]| {
        let output = Command::new(&curl)
            .args([
                "-sS",
                "-i",
                "--cacert",
                &proxy.folder.path().join("cert.pem").display().to_string(),
            ])
            .args(arguments)
            .arg(format!("https://localhost:{port}/rooms"))
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&said).to_lowercase())
    };
    for version in ["1.2", "1.3"] {
        let least = format!("--tlsv{version}");
        let (done, said) = ask(&[&least, "--tls-max", version]);
        assert!(done && said.starts_with("http/2 200"), "{version}: {said}");
        assert!(said.contains("strict-transport-security: max-age=31536000"), "{said}");
    }
    assert!(ask(&["--http1.1"]).1.starts_with("http/1.1 200"));
    // The client is willing, and the certificate would do: it is nginx that refuses, and says why.
    // Where TLS 1.1 were allowed, OpenSSL's own level of security would refuse it in other words.
    for (version, cipher, refusal) in [
        ("1.1", "ALL", Some("alert protocol version")),
        ("1.2", "ECDHE-ECDSA-AES128-SHA", Some("alert handshake failure")),
        ("1.2", "ECDHE-ECDSA-AES128-GCM-SHA256", None),
    ] {
        let ciphers = format!("{cipher}:@SECLEVEL=0");
        let (done, said) = ask(&["--tlsv1.0", "--tls-max", version, "--ciphers", &ciphers]);
        assert_eq!(done, refusal.is_none(), "{version} {cipher}: {said}");
        assert!(said.contains(refusal.unwrap_or("http/2 200")), "{version} {cipher}: {said}");
    }
    // What nginx says itself has it too.
    let (_, said) = ask(&["-X", "TRACE"]);
    assert!(said.contains("strict-transport-security"), "{said}");
    // Plain HTTP leads here, if it is asked for one of our names.
    let plain = proxy.client().get("/rooms?limit=1");
    let location = format!("https://127.0.0.1:{port}/rooms?limit=1");
    assert_eq!((plain.status, plain.header("location")), (308, location.as_str()));
    let ours = proxy.client().ask("GET", "/rooms/import", &[("host", "rooms.example:8080")]);
    let location = format!("https://rooms.example:{port}/rooms/import");
    assert_eq!((ours.status, ours.header("location")), (308, location.as_str()));
    for path in ["/rooms", "/rooms/import"] {
        let others = proxy.client().ask("GET", path, &[("host", "evil.example")]);
        assert_eq!(others.status, 421, "{path}: {}", others.body);
        assert!(others.body.contains("HOST_NAME"), "{path}: {}", others.body);
    }
    // A request that carries a secret must not work by a detour, or nobody would notice it.
    let secrets = [
        ("GET", "authorization", "Bearer secret"),
        ("POST", "authorization", "Basic secret"),
        ("GET", "cookie", "a=b; rentomatic_session=secret"),
        ("GET", "cookie", "__Host-rentomatic_session=secret"),
    ];
    for (method, name, value) in secrets {
        let refused = proxy.client().ask(method, "/rooms", &[(name, value)]);
        assert_eq!(refused.status, 403, "{method} {name}: {value}");
        assert!(refused.json()["detail"].as_str().unwrap().contains("https"), "{}", refused.body);
        assert!(!refused.body.contains("secret"), "{}", refused.body);
    }
    let form = proxy.client().send("POST", "/log-in", &[], b"token=secret");
    assert_eq!(form.status, 403, "{}", form.body);
    for harmless in ["a=b", "not_rentomatic_session=x"] {
        let plain = proxy.client().ask("GET", "/rooms", &[("cookie", harmless)]);
        assert_eq!(plain.status, 308, "{harmless}");
    }
    assert!(ask(&["-H", "Authorization: Bearer secret"]).1.starts_with("http/2 200"));
    let traced = proxy.client().ask("TRACE", "/rooms", &[]);
    assert_eq!(traced.status, 405, "{}", traced.body);
    // The port that a browser takes by itself is not named.
    write_https_port(proxy.folder.path(), 443);
    signal(&proxy.nginx, "HUP");
    proxy.wait_for("a redirect without a port", |client| {
        let plain = client.get("/rooms?limit=1");
        (plain.status, plain.header("location")) == (308, "https://127.0.0.1/rooms?limit=1")
    });
}

/// As docker-compose.yml writes it down.
fn write_https_port(folder: &Path, port: u16) {
    let line = format!("set $https_port \":{port}\";\n");
    fs::write(folder.join("https_port.conf"), line).unwrap();
}

#[test]
fn what_may_have_been_written_is_not_sent_again() {
    let Some(proxy) = Proxy::start(&[FIRST, SECOND]) else { return };
    // Servers that take a request, and go away without an answer.
    let (seen, requests) = mpsc::channel();
    for address in [FIRST, SECOND] {
        let web = TcpListener::bind((address, proxy.port)).unwrap();
        let seen = seen.clone();
        thread::spawn(move || {
            for stream in web.incoming() {
                let mut stream = stream.unwrap();
                let mut method = [0; 4];
                stream.read_exact(&mut method).unwrap();
                seen.send(String::from_utf8_lossy(&method).into_owned()).unwrap();
            }
        });
    }
    for (method, times) in [("GET", 2), ("POST", 1)] {
        let request = format!(
            "{method} /rooms HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        );
        let answer = raw(proxy.address(), request.as_bytes());
        assert!(answer.starts_with("HTTP/1.1 503"), "{method}: {answer}");
        let sent: Vec<_> = requests.try_iter().collect();
        assert_eq!(sent.len(), times, "{method}: {sent:?}");
        assert!(sent.iter().all(|sent| sent.trim() == method), "{method}: {sent:?}");
    }
}

/// Limits whose effect no cheap test can see: it would take minutes, a client that keeps sessions,
/// or a second OpenSSL. That of 3.0 and later refuses TLS 1.1 by itself, whatever is written here.
const DIRECTIVES: [(&str, &str); 9] = [
    ("send_timeout", "30s"),
    ("keepalive_timeout", "60s"),
    ("proxy_max_temp_file_size", "0"),
    ("proxy_next_upstream", "error timeout"),
    ("proxy_next_upstream_timeout", "5s"),
    ("proxy_next_upstream_tries", "3"),
    ("ssl_protocols", "TLSv1.2 TLSv1.3"),
    ("ssl_ciphers", "ECDHE+AESGCM:ECDHE+CHACHA20"),
    ("ssl_session_tickets", "off"),
];

#[test]
fn the_limits_that_show_late_are_written_down() {
    let configuration = ["nginx.conf", "nginx.tls.conf"]
        .map(|file| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap())
        .concat();
    for (name, value) in DIRECTIVES {
        let values: Vec<_> = configuration
            .lines()
            .filter_map(|line| line.trim().strip_prefix(name))
            .filter(|rest| rest.starts_with(' '))
            .map(str::trim)
            .collect();
        // Once, so that no other place says otherwise.
        assert_eq!(values, [format!("{value};")], "{name}");
    }
}

#[test]
fn one_client_cannot_take_all_there_is() {
    let Some(proxy) = Proxy::start(&[FIRST]) else { return };
    let _server = proxy.web(FIRST);
    proxy.wait_for("the server", |client| client.get("/live").status == 200);
    let answers: Vec<_> = thread::scope(|scope| {
        let clients: Vec<_> = (0..4)
            .map(|_| {
                let client = proxy.client();
                scope.spawn(move || (0..250).map(|_| client.get("/live")).collect::<Vec<_>>())
            })
            .collect();
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    });
    let refused = answers.iter().find(|answer| answer.status != 200).expect("a refusal");
    assert_eq!((refused.status, refused.header("retry-after")), (429, "1"));
    assert!(refused.json()["detail"].as_str().unwrap().contains("Too many requests"));
    thread::sleep(Duration::from_secs(2));
    assert_eq!(proxy.client().get("/live").status, 200);
    // Connections that say nothing count as well, once they ask.
    let mut streams: Vec<_> =
        (0..110).map(|_| std::net::TcpStream::connect(&proxy.address).unwrap()).collect();
    let mut heads = Vec::new();
    for stream in &mut streams {
        // A body that does not come keeps the connection.
        stream.write_all(b"POST /rooms HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n").unwrap();
    }
    thread::sleep(Duration::from_millis(500));
    for stream in &mut streams {
        stream.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        let mut head = [0; 12];
        if stream.read_exact(&mut head).is_ok() {
            heads.push(String::from_utf8_lossy(&head).into_owned());
        }
    }
    assert_eq!(heads, ["HTTP/1.1 429"; 10]);
}

#[test]
fn only_the_names_that_were_given_are_answered() {
    let Some(proxy) = Proxy::start(&[FIRST]) else { return };
    let _server = proxy.web(FIRST);
    let ask = |path: &str, host: &str| proxy.client().ask("GET", path, &[("host", host)]);
    for ours in
        ["rooms.example", "ROOMS.example:8080", "localhost", "192.0.2.7:80", "[2001:db8::1]"]
    {
        assert_eq!(ask("/rooms", ours).status, 200, "{ours}");
    }
    for others in [
        "evil.example",
        "rooms.example.evil.example",
        "localhost.evil.example",
        "1.2.3.4.evil.example",
    ] {
        for path in ["/rooms", "/rooms/import", "/metrics"] {
            let answer = ask(path, others);
            assert_eq!(answer.status, if path == "/metrics" { 404 } else { 421 }, "{others}{path}");
        }
    }
    let answer = ask("/", "evil.example");
    assert!(answer.json()["detail"].as_str().unwrap().contains("HOST_NAME"), "{}", answer.body);
    // Whoever names no host at all asks in an old way, and not from a page.
    let old = raw(proxy.address(), b"GET /rooms HTTP/1.0\r\n\r\n");
    assert!(old.starts_with("HTTP/1.1 200"), "{old}");
}

#[test]
fn a_client_that_is_too_slow_is_given_up() {
    let Some(proxy) = Proxy::start(&[FIRST]) else { return };
    let _server = proxy.web(FIRST);
    let unfinished = [
        "GET /rooms HTTP/1.1\r\nhost: x\r\n",
        "POST /rooms HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n[",
    ];
    let mut streams = unfinished.map(|request| {
        let mut stream = std::net::TcpStream::connect(proxy.address()).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        stream
    });
    for stream in &mut streams {
        let mut answer = Vec::new();
        match stream.read_to_end(&mut answer) {
            Ok(_) => {}
            Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
        }
        let answer = String::from_utf8(answer).unwrap();
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{answer}");
    }
}

#[test]
fn metrics_are_not_for_the_public() {
    let Some(proxy) = Proxy::start(&[FIRST]) else { return };
    let server = proxy.web(FIRST);
    assert_eq!(server.get("/metrics").status, 200);
    for path in ["/metrics", "/metrics?x=1", "/%6detrics", "//metrics", "/./metrics", "/metrics/"] {
        let answer = proxy.client().get(path);
        assert_eq!(answer.status, 404, "{path}");
        assert!(!answer.body.contains("rentomatic_"), "{path}");
    }
}

//! The container stack, from a fresh project: chapter 8 in containers, and what the stack promises.
//!
//! Building the image takes minutes and every core, so these tests want `TEST_STACK` set, as
//! `scripts/test` does.

mod memory;

use std::fs;
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::client::Client;
use crate::support::component::left_out;
use crate::support::stdout;

const INSERT: &str = "insert into public.room(code, size, price, longitude, latitude)
    values ('f853578c-fc0f-4e65-81b8-566c5dffa35a', 215, 39, -0.09998975, 51.75436293);";

/// How long the stack may take to come up once its image is built.
const START: Duration = Duration::from_mins(2);

/// A project of its own, removed with its volumes in the end.
struct Stack {
    compose: Vec<&'static str>,
    project: String,
    port: u16,
}

impl Stack {
    fn new() -> Option<Self> {
        let works = |words: &[&str]| {
            let mut command = Command::new(words[0]);
            command.args(&words[1..]).stdout(Stdio::null()).stderr(Stdio::null());
            command.status().is_ok_and(|status| status.success())
        };
        if std::env::var_os("TEST_STACK").is_none() {
            left_out("the container stack", "TEST_STACK is not set, as its build takes minutes");
            return None;
        }
        let compose = [vec!["docker", "compose"], vec!["docker-compose"]]
            .into_iter()
            .find(|compose| works(&[compose.as_slice(), &["version"]].concat()));
        let Some(compose) = compose.filter(|_| works(&["docker", "info"])) else {
            left_out("the container stack", "there is no Docker engine with Compose");
            return None;
        };
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        Some(Self { compose, project: format!("rentomatic-test-{}", std::process::id()), port })
    }

    fn compose(&self, words: &[&str]) -> Command {
        let mut command = Command::new(self.compose[0]);
        command
            .args(&self.compose[1..])
            .args(["--project-name", &self.project])
            .args(words)
            .env("HTTP_PORT", self.port.to_string())
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stdin(Stdio::null());
        command
    }

    fn run(&self, words: &[&str]) -> String {
        stdout(self.compose(words).stderr(Stdio::inherit()))
    }

    fn client(&self) -> Client {
        Client::new(&self.address())
    }

    fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    fn psql(&self, sql: &str) -> String {
        let psql = ["exec", "-T", "db", "psql", "-tA", "-c", sql];
        self.run(&psql)
    }

    /// Waits until `/ready` is 200 through nginx.
    fn wait_until_ready(&self) {
        let deadline = Instant::now() + START;
        while !matches!(self.client().try_ask("GET", "/ready", &[]), Ok(answer) if answer.status == 200)
        {
            assert!(Instant::now() < deadline, "{}", self.run(&["logs", "--tail=20"]));
            thread::sleep(Duration::from_millis(200));
        }
    }

    fn containers(&self, service: &str) -> Vec<String> {
        self.run(&["ps", "-q", service]).lines().map(str::to_owned).collect()
    }

    fn inspect(&self, service: &str) -> Value {
        // Also one that has ended, or that another file describes.
        let label = |name: &str, value: &str| format!("label=com.docker.compose.{name}={value}");
        let mut list = Command::new("docker");
        list.args(["ps", "-aq", "--filter", &label("project", &self.project)]);
        let ids = stdout(list.args(["--filter", &label("service", service)]));
        let id = ids.lines().next().unwrap_or_else(|| panic!("there is no {service}"));
        let text = stdout(Command::new("docker").args(["inspect", id]));
        serde_json::from_str::<Value>(&text).unwrap()[0].take()
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        let _ =
            self.compose(&["down", "--volumes", "--remove-orphans", "--timeout", "20"]).status();
    }
}

/// One test, since the stack takes a while to start; its parts in the order in which one would
/// try them.
#[test]
fn the_stack_starts_from_nothing_and_keeps_its_promises() {
    let Some(stack) = Stack::new() else { return };
    stack.run(&["build", "migrate", "web"]);
    stack.run(&["up", "-d"]);
    stack.wait_until_ready();

    the_book_s_steps_in_containers(&stack);
    the_owner_writes_through_nginx(&stack);
    the_rooms_survive_down_and_up(&stack);
    memory::strangers_cannot_fill_the_memory_of_nginx(&stack);
    three_servers_share_the_work_and_one_may_go(&stack);
    a_server_that_is_made_anew_is_found(&stack);
    https_takes_one_more_file(&stack);
    each_container_has_no_more_rights_than_it_needs(&stack);
    the_services_of_a_profile_have_no_more_either(&stack);
}

fn the_book_s_steps_in_containers(stack: &Stack) {
    assert_eq!(stack.client().get("/rooms").body, "[]");
    for _ in 0..2 {
        let said = stack.run(&["run", "--rm", "-T", "migrate", "init-db"]);
        assert!(said.contains("exists already") && said.contains("rentomatic:***@db"), "{said}");
    }
    let said = stack.run(&["run", "--rm", "-T", "migrate", "migrate"]);
    assert_eq!(said.trim(), "nothing to apply");
    // What serves can change rooms, and nothing else.
    let doctor = stack.run(&["exec", "-T", "web", "rentomatic", "doctor"]);
    for good in ["the role is not a superuser", "the role cannot change the schema"] {
        assert!(doctor.contains(&format!("ok    {good}")), "{good}: {doctor}");
    }
    // Neither to the default database nor for temporary tables.
    let allowed = "SELECT has_database_privilege('rentomatic_web', datname, 'CONNECT'),
        has_database_privilege('rentomatic_web', datname, 'TEMPORARY'), datname
        FROM pg_database ORDER BY datname";
    let allowed = stack.psql(allowed);
    assert_eq!(allowed, "f|f|postgres\nt|f|rentomatic\nf|f|template0\nf|f|template1\n");
    let limit = "SELECT rolconnlimit FROM pg_roles WHERE rolname = 'rentomatic_web'";
    assert_eq!(stack.psql(limit), "80\n");
    let heard = "fix   the connection to the server is not encrypted";
    assert!(doctor.contains(heard), "{doctor}");
    assert!(stack.psql("\\dt").contains("room|table|rentomatic"));
    stack.psql(INSERT);
    assert_eq!(stack.client().get("/rooms").codes(), ["f853578c"]);
    let page = stack.client().get_as("/rooms", "text/html");
    assert!(page.body.contains(">215 m²</td>"), "{}", page.body);
}

fn the_owner_writes_through_nginx(stack: &Stack) {
    let token = stack.run(&["exec", "-T", "web", "cat", "/run/rentomatic/admin_token"]);
    assert_eq!(token.len(), 64);
    let owner = Client::with_token(&stack.address(), &token);
    let csv = ["size,price,latitude,longitude\n", &"10,20,1.5,2.5\n".repeat(100_000)].concat();
    let headers = [("content-type", "text/csv")];
    let answer = owner.send("POST", "/rooms/import", &headers, csv.as_bytes());
    assert_eq!(
        (answer.status, answer.json()["added"].as_u64()),
        (200, Some(100_000)),
        "{}",
        answer.body
    );
    let refused = stack.client().send("POST", "/rooms/import", &headers, csv.as_bytes());
    assert_eq!(refused.status, 401);
    stack.psql("DELETE FROM room WHERE size = 10");
}

fn the_rooms_survive_down_and_up(stack: &Stack) {
    let password =
        |stack: &Stack| stack.run(&["exec", "-T", "db", "cat", "/run/rentomatic/db_password"]);
    let before = password(stack);
    assert_eq!(before.len(), 64);
    stack.run(&["down"]);
    stack.run(&["up", "-d"]);
    stack.wait_until_ready();
    assert_eq!(stack.client().get("/rooms").codes(), ["f853578c"]);
    assert_eq!(password(stack), before);
    let logs = stack.run(&["logs"]);
    assert!(!logs.contains(&before), "the password is in the logs");
}

fn three_servers_share_the_work_and_one_may_go(stack: &Stack) {
    stack.run(&["up", "-d", "--scale", "web=3"]);
    stack.wait_until_ready();
    let servers = stack.containers("web");
    assert_eq!(servers.len(), 3);
    let requests = |id: &String| {
        let logs = Command::new("docker").args(["logs", id]).output().unwrap();
        String::from_utf8_lossy(&logs.stderr).matches("\"path\":\"/rooms\"").count()
    };
    let before: Vec<_> = servers.iter().map(requests).collect();
    // All three are healthy, and nginx looks the name up again after a second.
    let deadline = Instant::now() + START;
    while servers.iter().map(requests).zip(&before).any(|(now, before)| now < before + 3) {
        assert!(Instant::now() < deadline, "a server gets no requests");
        assert_eq!(stack.client().get("/rooms").status, 200);
        thread::sleep(Duration::from_millis(20));
    }

    let over = Arc::new(AtomicBool::new(false));
    let asking: Vec<_> = (0..4)
        .map(|_| {
            let (client, over) = (stack.client(), Arc::clone(&over));
            thread::spawn(move || {
                let mut asked = 0;
                while !over.load(Ordering::Relaxed) {
                    assert_eq!(client.get("/rooms").codes().len(), 1);
                    asked += 1;
                    // nginx lets one address ask 200 times a second.
                    thread::sleep(Duration::from_millis(25));
                }
                asked
            })
        })
        .collect();
    thread::sleep(Duration::from_secs(1));
    stdout(Command::new("docker").args(["stop", &servers[1]]));
    thread::sleep(Duration::from_secs(2));
    over.store(true, Ordering::Relaxed);
    let asked: usize = asking.into_iter().map(|thread| thread.join().unwrap()).sum();
    assert!(asked > 100, "only {asked} requests");
}

fn a_server_that_is_made_anew_is_found(stack: &Stack) {
    stack.run(&["up", "-d", "--scale", "web=1", "--force-recreate", "--no-deps", "web"]);
    stack.wait_until_ready();
    assert_eq!(stack.client().get("/rooms").codes(), ["f853578c"]);
}

/// The second file adds HTTPS, with a certificate that is made up for a first try.
fn https_takes_one_more_file(stack: &Stack) {
    let folder = tempfile::tempdir().unwrap();
    let https = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    let files = ["-f", "docker-compose.yml", "-f", "docker-compose.tls.yml"];
    let mut up = stack.compose(&files);
    up.args(["up", "-d"]).env("HTTPS_PORT", &https).env("TLS_FOLDER", folder.path());
    stdout(up.stderr(Stdio::inherit()));
    let certificate = folder.path().join("cert.pem");
    let address = format!("https://localhost:{https}/rooms");
    let deadline = Instant::now() + START;
    let said = loop {
        let output = Command::new("curl")
            .args(["-sS", "-i", "--cacert", certificate.to_str().unwrap(), &address])
            .output()
            .unwrap();
        if output.status.success() {
            break String::from_utf8_lossy(&output.stdout).to_lowercase();
        }
        assert!(Instant::now() < deadline, "{}", String::from_utf8_lossy(&output.stderr));
        thread::sleep(Duration::from_millis(200));
    };
    assert!(said.starts_with("http/2 200") && said.contains("strict-transport-security"), "{said}");
    let plain = stack.client().get("/rooms");
    let location = format!("https://127.0.0.1:{https}/rooms");
    assert_eq!((plain.status, plain.header("location")), (308, location.as_str()));
    let owner = Client::with_token(&stack.address(), "secret");
    assert_eq!(owner.get("/rooms").status, 403);
    let stranger = stack.client().ask("GET", "/rooms", &[("host", "evil.example")]);
    assert_eq!(stranger.status, 421, "{}", stranger.body);

    // A renewed certificate is in use after what the README says.
    let old = fs::read(&certificate).unwrap();
    let text = format!(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc -days 2 -subj \
         /CN=localhost -addext subjectAltName=DNS:localhost -keyout {0}/key.pem -out {0}/cert.pem",
        folder.path().display()
    );
    stdout(Command::new("sh").args(["-c", &text]));
    assert_ne!(fs::read(&certificate).unwrap(), old);
    let hand_over = [&files[..], &["run", "--rm", "-T", "certificate"]].concat();
    stdout(stack.compose(&hand_over).env("TLS_FOLDER", folder.path()).stderr(Stdio::inherit()));
    stack.run(&["exec", "-T", "nginx", "nginx", "-s", "reload"]);
    let deadline = Instant::now() + START;
    while !Command::new("curl")
        .args(["-sSf", "-o", "/dev/null", "--cacert", certificate.to_str().unwrap(), &address])
        .status()
        .unwrap()
        .success()
    {
        assert!(Instant::now() < deadline, "nginx goes on with the old certificate");
        thread::sleep(Duration::from_millis(200));
    }

    // Whom nobody named is not answered for.
    let stranger =
        ["--resolve", &format!("evil.example:{https}:127.0.0.1"), "-k", "-o", "/dev/null"];
    let status = stdout(
        Command::new("curl")
            .args(["-sS", "-w", "%{http_code}"])
            .args(stranger)
            .arg(format!("https://evil.example:{https}/rooms")),
    );
    assert_eq!(status, "421");
}

/// What a service may do.
struct Rights {
    service: &'static str,
    user: &'static str,
    capabilities: &'static [&'static str],
    networks: &'static [&'static str],
    /// What it sees of our volumes and, without a name, of the host; as Compose writes it.
    mounts: &'static [&'static str],
    /// What it may write besides, in memory.
    tmpfs: &'static [&'static str],
    init: bool,
    /// How long it may take to stop, if not Docker's ten seconds.
    stop_s: Option<u64>,
}

const RIGHTS: [Rights; 7] = [
    Rights {
        service: "secret",
        user: "0:0",
        capabilities: &[],
        networks: &["none"],
        mounts: &["mongodb-secret:/run/mongodb", "secret:/run/rentomatic", "web-secret:/run/web"],
        tmpfs: &[],
        init: false,
        stop_s: None,
    },
    Rights {
        service: "db",
        // The image's entry point becomes the user postgres.
        user: "",
        capabilities: &["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"],
        networks: &["back"],
        mounts: &["rooms:/var/lib/postgresql/data", "secret:/run/rentomatic:ro"],
        tmpfs: &["/run/postgresql", "/tmp"],
        init: false,
        stop_s: Some(30),
    },
    Rights {
        service: "migrate",
        user: "10001:10001",
        capabilities: &[],
        networks: &["back"],
        mounts: &["secret:/run/rentomatic:ro"],
        tmpfs: &[],
        init: false,
        stop_s: None,
    },
    Rights {
        service: "role",
        user: "65534:65534",
        capabilities: &[],
        networks: &["back"],
        mounts: &["secret:/run/rentomatic:ro", "web-secret:/run/web:ro"],
        tmpfs: &[],
        init: false,
        stop_s: None,
    },
    Rights {
        service: "web",
        user: "10001:10001",
        capabilities: &[],
        networks: &["back", "front"],
        mounts: &["web-secret:/run/rentomatic:ro"],
        tmpfs: &["/tmp:mode=1777,size=192m"],
        init: true,
        stop_s: Some(15),
    },
    Rights {
        service: "nginx",
        user: "101:101",
        capabilities: &[],
        networks: &["front"],
        mounts: &[
            "/etc/nginx/certificates:ro",
            "/etc/nginx/nginx.conf:ro",
            "/etc/nginx/tls/rentomatic.conf:ro",
        ],
        tmpfs: &["/tmp:mode=1777,size=16m"],
        init: false,
        stop_s: Some(15),
    },
    Rights {
        service: "certificate",
        user: "0:0",
        capabilities: &["CHOWN", "DAC_OVERRIDE"],
        networks: &["none"],
        mounts: &["/tls"],
        tmpfs: &[],
        init: false,
        stop_s: None,
    },
];

/// Whether Docker made the name of a volume up: 64 hexadecimal digits.
fn is_made_up(name: &str) -> bool {
    name.len() == 64 && name.chars().all(|one| one.is_ascii_hexdigit())
}

/// With HTTPS, so that all of them are there.
fn each_container_has_no_more_rights_than_it_needs(stack: &Stack) {
    for rights in RIGHTS {
        let Rights { service, user, capabilities, networks, mounts, tmpfs, init, stop_s } = rights;
        let found = stack.inspect(service);
        let host = &found["HostConfig"];
        assert_eq!(host["ReadonlyRootfs"], true, "{service}");
        assert_eq!(host["CapDrop"], serde_json::json!(["ALL"]), "{service}");
        let added: Vec<&str> = host["CapAdd"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|one| one.as_str().unwrap())
            .collect();
        let added: Vec<&str> =
            added.into_iter().map(|one| one.strip_prefix("CAP_").unwrap_or(one)).collect();
        assert_eq!(added, capabilities, "{service}");
        assert_eq!(host["SecurityOpt"], serde_json::json!(["no-new-privileges:true"]), "{service}");
        assert_eq!(host["Privileged"], false, "{service}");
        assert!(host["Memory"].as_u64().unwrap() > 0, "{service}");
        assert!(host["PidsLimit"].as_u64().unwrap() > 0, "{service}");
        let log = serde_json::json!({ "max-file": "3", "max-size": "10m" });
        assert_eq!(host["LogConfig"]["Config"], log, "{service}");
        assert_eq!(host["Init"] == true, init, "{service}: {}", host["Init"]);
        assert_eq!(found["Config"]["StopTimeout"].as_u64(), stop_s, "{service}");
        let published: Vec<_> = host["PortBindings"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(port, to)| (port.as_str(), to[0]["HostIp"].as_str().unwrap()))
            .collect();
        // HTTP for this machine alone, HTTPS for all.
        let open: &[_] = &[("8080/tcp", "127.0.0.1"), ("8443/tcp", "")];
        let open = if service == "nginx" { open } else { &[] };
        assert_eq!(published, open, "{service}");
        assert_eq!(found["Config"]["User"], user, "{service}");
        let prefix = format!("{}_", stack.project);
        let of_project = |name: &String| name.strip_prefix(&prefix).unwrap_or(name).to_owned();
        let joined = found["NetworkSettings"]["Networks"].as_object().unwrap();
        assert_eq!(joined.keys().map(of_project).collect::<Vec<_>>(), networks, "{service}");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let mut seen = Vec::new();
        for mount in found["Mounts"].as_array().unwrap() {
            let source = match mount["Name"].as_str().map(|name| name.strip_prefix(&prefix)) {
                Some(Some(name)) => format!("{name}:"),
                // An image's own volume, which nobody shares, has no name of ours.
                Some(None) if is_made_up(&text(&mount["Name"])) => continue,
                Some(None) => format!("{}:", text(&mount["Name"])),
                None => String::new(),
            };
            let mode = if mount["RW"] == true { "" } else { ":ro" };
            seen.push(format!("{source}{}{mode}", text(&mount["Destination"])));
        }
        seen.sort_unstable();
        assert_eq!(seen, mounts, "{service}");
        let mut in_memory: Vec<_> = host["Tmpfs"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(path, options)| format!("{path}:{}", text(options)))
            .map(|line| line.trim_end_matches(':').to_owned())
            .collect();
        in_memory.sort_unstable();
        assert_eq!(in_memory, tmpfs, "{service}");
        let runs = !matches!(service, "secret" | "migrate" | "role" | "certificate");
        assert_eq!(found["State"]["Running"], runs, "{service}");
    }
    // Nothing leads out from where the database is.
    let back = format!("{}_back", stack.project);
    let network = stdout(Command::new("docker").args(["network", "inspect", &back]));
    assert_eq!(serde_json::from_str::<Value>(&network).unwrap()[0]["Internal"], true);
    for (service, user) in [("web", "10001"), ("nginx", "101")] {
        assert_eq!(stack.run(&["exec", "-T", service, "id", "-u"]).trim(), user);
        let deadline = Instant::now() + START;
        while stack.inspect(service)["State"]["Health"]["Status"] != "healthy" {
            assert!(Instant::now() < deadline, "{service} is not healthy");
            thread::sleep(Duration::from_millis(500));
        }
    }
}

/// They are not started, since there may be no image of MongoDB here.
fn the_services_of_a_profile_have_no_more_either(stack: &Stack) {
    let file = stack.run(&["--profile", "mongodb", "config"]);
    let names = RIGHTS.map(|rights| rights.service);
    let services = names.into_iter().filter(|name| *name != "certificate");
    let services: Vec<_> = services.chain(["mongodb", "web-mongodb"]).collect();
    for service in &services {
        assert!(file.contains(&format!("\n  {service}:\n")), "{service}: {file}");
    }
    for limit in ["read_only: true", "- no-new-privileges:true", "- ALL", "pids_limit: 256"] {
        assert_eq!(file.matches(limit).count(), services.len(), "{limit}: {file}");
    }
}

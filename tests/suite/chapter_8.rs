//! "Run a production-ready system", step by step, against PostgreSQL. The same in containers is in
//! `compose.rs`.

use crate::support::postgres::cluster;
use crate::support::server::Server;
use crate::support::{rentomatic, stdout};

#[test]
fn the_book_s_steps_give_the_book_s_results() {
    let Some(cluster) = cluster() else { return };
    let url = cluster.url("application");
    let manage = |words: &[&str]| {
        let mut command = rentomatic(words);
        command.env("APPLICATION_CONFIG", "production").env("DATABASE_URL", &url);
        stdout(command.current_dir(env!("CARGO_MANIFEST_DIR")))
    };
    // The database is created, and again.
    manage(&["init-db"]);
    manage(&["init-db"]);
    assert_eq!(cluster.psql(&url, "\\dt").trim(), "", "no table yet");
    // Migrations create the table.
    manage(&["migrate"]);
    assert!(cluster.psql(&url, "\\dt room").contains("public|room|table|rentomatic"));
    let columns = cluster.psql(&url, "\\d room");
    assert!(columns.contains("code|uuid"), "{columns}");
    // The application shows no room.
    let server = Server::start(&url, &[], &[]);
    assert_eq!(server.get("/rooms").body, "[]");
    // A row inserted by hand shows at the next refresh.
    cluster.psql(
        &url,
        "insert into public.room(code, size, price, longitude, latitude)
         values ('f853578c-fc0f-4e65-81b8-566c5dffa35a', 215, 39, -0.09998975, 51.75436293);",
    );
    assert_eq!(
        server.get("/rooms").body,
        r#"[{"code":"f853578c-fc0f-4e65-81b8-566c5dffa35a","size":215,"price":39,"latitude":51.75436293,"longitude":-0.09998975}]"#
    );
}

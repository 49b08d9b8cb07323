//! `rentomatic token`, and what `doctor` says about files with secrets.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use crate::support::{failure, rentomatic, stdout};

#[test]
fn a_token_goes_to_a_new_file_that_only_its_owner_can_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("admin_token");
    let path = file.to_str().unwrap();
    assert_eq!(stdout(&mut rentomatic(&["token", "--file", path])), "");
    let mode = || fs::metadata(&file).unwrap().permissions().mode() & 0o777;
    let token = fs::read_to_string(&file).unwrap();
    assert_eq!((mode(), token.trim().len()), (0o600, 64));
    let said = failure(&mut rentomatic(&["token", "--file", path]), 1);
    assert!(said.contains(&format!("cannot write a token to {path}: File exists")), "{said}");
    assert_eq!(fs::read_to_string(&file).unwrap(), token);

    let settings = folder.path().join("settings.toml");
    fs::write(&settings, format!("[writes]\nadmin_token = {:?}\n", token.trim())).unwrap();
    let settings = settings.to_str().unwrap();
    let doctor = |mode: u32| {
        fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
        fs::set_permissions(settings, Permissions::from_mode(mode)).unwrap();
        let named = ["--database-url", "memory:", "doctor"];
        let with_file = stdout(rentomatic(&named).env("RENTOMATIC_WRITES__ADMIN_TOKEN_FILE", path));
        [with_file, stdout(rentomatic(&named).args(["--config", settings]))].concat()
    };
    for (mode, mark, text) in
        [(0o600, "ok  ", "only its owner can read"), (0o640, "fix ", "other users can read")]
    {
        let said = doctor(mode);
        for path in [path, settings] {
            assert!(said.contains(&format!("{mark}  {text} {path}")), "{mode:o} {path}: {said}");
        }
    }
}

//! The harness with the planted mistakes of `mutations/`: a copy of the source to which the patches
//! are applied. So the production code holds none of them.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// Makes `mutation!` known; the other patches use it.
const SWITCH: &str = "switch.patch";

/// The program, built once for all tests of this process.
pub(super) fn program() -> &'static Path {
    static PROGRAM: LazyLock<PathBuf> = LazyLock::new(build);
    &PROGRAM
}

fn build() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mutated");
    // What is left of a run before this, which is none the first time.
    let _ = std::fs::remove_dir_all(&copy);
    copy_tracked(&root, &copy);
    let folder = root.join("tests/crash/mutations");
    let entries = std::fs::read_dir(&folder).expect("the patches are there");
    let mut patches: Vec<_> = entries
        .map(|entry| entry.expect("the folder can be read").path())
        .collect();
    patches.sort_by_key(|path| (!path.ends_with(SWITCH), path.clone()));
    for patch in patches {
        let mut apply = Command::new("git");
        apply.args(["apply", "--unsafe-paths"]).arg(&patch);
        // The copy lies within a repository, of which it is no part.
        apply.env("GIT_CEILING_DIRECTORIES", env!("CARGO_TARGET_TMPDIR"));
        succeed(
            apply.current_dir(&copy),
            &format!("{} does not apply any more", patch.display()),
        );
    }
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mutated-target");
    let mut build = Command::new(env!("CARGO"));
    build
        .args(["build", "--locked", "--package", "handover-crash"])
        .args(cfg!(feature = "postgres").then_some("--features=postgres"))
        .env("CARGO_TARGET_DIR", &target)
        .env("CARGO_INCREMENTAL", "0");
    succeed(build.current_dir(&copy), "the mutated bot does not build");
    target.join("debug/handover-crash")
}

fn copy_tracked(root: &Path, copy: &Path) {
    let listed = Command::new("git")
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ])
        .current_dir(root)
        .output()
        .expect("git runs");
    let names = String::from_utf8(listed.stdout).expect("names are UTF-8");
    for name in names.split_terminator('\0') {
        let (from, to) = (root.join(name), copy.join(name));
        // A file that is deleted but still listed.
        let Ok(content) = std::fs::read(&from) else {
            continue;
        };
        let folder = to.parent().expect("a file is in a folder");
        std::fs::create_dir_all(folder).expect("the target directory can be written");
        std::fs::write(&to, content).expect("the target directory can be written");
    }
}

fn succeed(command: &mut Command, failure: &str) {
    let output = command.output().expect("the program is installed");
    assert!(
        output.status.success(),
        "{failure}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

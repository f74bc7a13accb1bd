//! The harness with the planted mistakes of `mutations/`: a copy of the source to which the patches
//! are applied. So the production code holds none of them.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use handover_testkit::cargo::cargo;

/// Makes `mutation!` known; the other patches use it.
const SWITCH: &str = "switch.patch";

/// The program, built once for all tests of this process.
pub(super) fn program() -> &'static Path {
    static PROGRAM: LazyLock<PathBuf> = LazyLock::new(build);
    &PROGRAM
}

fn build() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR"));
    // The tests of a cluster run meanwhile, in another process.
    let lock = File::create(directory.join("mutated.lock")).expect("it can be written");
    lock.lock().expect("it can be locked");
    let copy = directory.join("mutated.new");
    // What is left of a run before this, which is none the first time.
    let _ = std::fs::remove_dir_all(&copy);
    copy_tracked(&root, &copy);
    rename_program(&copy.join("tests/crash/Cargo.toml"));
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
    let source = directory.join("mutated");
    move_changed(&copy, &source);
    // Where the tests are built, so that it takes what they have built of other people's crates.
    let target = directory.parent().expect("it is in the target directory");
    let mut build = cargo();
    // One program for the tests of all storages, which build it one after the other.
    build
        .args(["build", "--locked", "--package", "handover-crash"])
        .args(["--features=postgres", "--bin", PROGRAM])
        .env("CARGO_TARGET_DIR", target)
        .env("CARGO_INCREMENTAL", "0");
    succeed(build.current_dir(&source), "the mutated bot does not build");
    target.join("debug").join(PROGRAM)
}

/// Not the name of the program without mistakes, beside which it is built.
const PROGRAM: &str = "handover-crash-mutated";

fn rename_program(manifest: &Path) {
    let text = std::fs::read_to_string(manifest).expect("the copy has a manifest");
    let bin =
        format!("autobins = false\n\n[[bin]]\nname = \"{PROGRAM}\"\npath = \"src/main.rs\"\n");
    let renamed = text.replacen("publish = false\n", &format!("publish = false\n{bin}"), 1);
    assert_ne!(text, renamed, "the manifest says that it is not published");
    std::fs::write(manifest, renamed).expect("the target directory can be written");
}

/// Moves what has changed, so that cargo builds nothing twice.
fn move_changed(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("the target directory can be written");
    let names = |directory: &Path| -> Vec<_> {
        let entries = std::fs::read_dir(directory).expect("the directory can be read");
        let names = entries.map(|entry| entry.expect("the directory can be read").file_name());
        names.collect()
    };
    for name in names(to) {
        let (new, old) = (from.join(&name), to.join(&name));
        if new.is_dir() != old.is_dir() || !new.exists() {
            let removed = match old.is_dir() {
                true => std::fs::remove_dir_all(&old),
                false => std::fs::remove_file(&old),
            };
            removed.expect("the target directory can be written");
        }
    }
    for name in names(from) {
        let (new, old) = (from.join(&name), to.join(&name));
        if new.is_dir() {
            move_changed(&new, &old);
        } else if std::fs::read(&new).ok() != std::fs::read(&old).ok() {
            std::fs::rename(&new, &old).expect("the target directory can be written");
        }
    }
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

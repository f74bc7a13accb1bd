//! Whether a file lies on a network file system.

use std::path::Path;

const KINDS: [&str; 9] = [
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "fuse.sshfs",
    "ceph",
    "glusterfs",
    "afs",
];

/// The kind of network file system on which the file lies or will lie; `None` if it is a local one,
/// or nobody says.
pub(super) fn kind_of(path: &Path) -> Option<String> {
    let path = std::path::absolute(path).ok()?;
    let directory = path.parent()?.canonicalize().ok()?;
    let mounts = std::fs::read_to_string("/proc/self/mounts").ok()?;
    kind_in(&mounts, &directory)
}

fn kind_in(mounts: &str, directory: &Path) -> Option<String> {
    let mounted = mounts.lines().filter_map(|line| {
        let mut fields = line.split(' ').skip(1);
        let (at, kind) = (fields.next()?.replace("\\040", " "), fields.next()?);
        directory.starts_with(&at).then_some((at.len(), kind))
    });
    // Of two mounts at the same place, the later hides the earlier.
    let (_, kind) = mounted.max_by_key(|(length, _)| *length)?;
    KINDS.contains(&kind).then(|| kind.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_mount_counts() {
        let mounts = "/dev/vda / ext4 rw 0 0\nnas:/bots /srv nfs4 rw 0 0\n/dev/vdb /srv/disk\\040one ext4 rw 0 0\n";
        let kind = |path: &str| kind_in(mounts, Path::new(path));
        assert_eq!(kind("/var/lib/bot"), None);
        assert_eq!(kind("/srv/bot").as_deref(), Some("nfs4"));
        assert_eq!(kind("/srv/disk one/bot"), None);
    }
}

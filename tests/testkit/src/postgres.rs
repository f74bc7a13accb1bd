//! A PostgreSQL server for tests, from the packages of Debian or Ubuntu: a cluster in a temporary directory,
//! which disappears with the process.

use std::fs;
use std::io::{self, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// A private server on a free port, with a superuser `handover` whose password is `secret`.
pub struct Postgres {
    directory: PathBuf,
    programs: PathBuf,
    port: u16,
    /// Stops the server and deletes its directory once its input is closed, however this process ends.
    guard: Mutex<Option<Child>>,
}

impl Postgres {
    /// The server that all tests of a process share.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Postgres> = OnceLock::new();
        SHARED.get_or_init(|| Self::start().unwrap_or_else(|error| panic!("{error}")))
    }

    /// Starts a server.
    ///
    /// # Errors
    ///
    /// If PostgreSQL is not installed, or does not start.
    pub fn start() -> io::Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let programs = programs().ok_or_else(|| {
            io::Error::other("PostgreSQL is not installed: apt-get install postgresql")
        })?;
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("handover-postgres-{}-{number}", std::process::id());
        let directory = std::env::temp_dir().join(name);
        fs::create_dir_all(&directory)?;
        // The server refuses to run as root.
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(&directory))?;
        }
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut server = Self {
            directory,
            programs,
            port,
            guard: Mutex::default(),
        };
        *server
            .guard
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner) = Some(server.guard()?);
        let data = server.directory.join("data");
        let password = server.directory.join("password");
        let mut file = fs::File::create(&password)?;
        file.write_all(b"secret")?;
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(&password))?;
        }
        run(server
            .program("initdb")
            .args(["--no-sync", "--auth=scram-sha-256", "--username=handover"])
            .args(["--encoding=UTF8", "--locale=C.UTF-8"])
            .arg(format!("--pwfile={}", password.display()))
            .arg(&data))?;
        server.run()?;
        Ok(server)
    }

    /// Starts the server again, after it was stopped.
    ///
    /// # Errors
    ///
    /// If it does not start.
    pub fn run(&self) -> io::Result<()> {
        let options = format!(
            "-c listen_addresses=127.0.0.1 -c port={} -c unix_socket_directories={} -c max_connections=200",
            self.port,
            self.directory.display()
        );
        run(self
            .program("pg_ctl")
            .args(["-w", "-t", "60", "-o", &options, "-l"])
            .arg(self.directory.join("log"))
            .arg("-D")
            .arg(self.directory.join("data"))
            .arg("start"))
    }

    /// Stops the server: `fast` ends its connections, `immediate` is a crash.
    ///
    /// # Errors
    ///
    /// If it does not stop.
    pub fn stop(&self, mode: &str) -> io::Result<()> {
        run(self
            .program("pg_ctl")
            .args(["-w", "-t", "60", "-m", mode, "-D"])
            .arg(self.directory.join("data"))
            .arg("stop"))
    }

    /// Its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The address of its database, with these parameters.
    pub fn address(&self, parameters: &str) -> String {
        format!(
            "postgres://handover:secret@127.0.0.1:{}/postgres?{parameters}",
            self.port
        )
    }

    /// The address of a new schema.
    pub fn fresh_address(&self) -> String {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        self.address(&format!("schema=test_{}_{number}", std::process::id()))
    }

    /// What `psql` prints for a statement: columns between `|`, a row a line.
    ///
    /// # Errors
    ///
    /// If the statement fails.
    pub fn query(&self, statement: &str) -> io::Result<String> {
        let output = Command::new(self.programs.join("psql"))
            .args(["-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", statement])
            .arg(self.address(""))
            .output()?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(io::Error::other(said));
        }
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        Ok(printed.trim_end().to_owned())
    }

    /// Starts PgBouncer before the server, in transaction mode with few sessions; it ends with what is
    /// returned.
    ///
    /// # Errors
    ///
    /// If PgBouncer is not installed.
    pub fn pooler(&self) -> io::Result<Pooler> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let directory = self.directory.join(format!("pooler-{port}"));
        fs::create_dir(&directory)?;
        fs::write(directory.join("users"), "\"handover\" \"secret\"\n")?;
        let settings = format!(
            "[databases]\npostgres = host=127.0.0.1 port={} dbname=postgres\n[pgbouncer]\n\
             listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = plain\n\
             auth_file = {directory}/users\npool_mode = transaction\ndefault_pool_size = 4\n\
             logfile = {directory}/log\n",
            self.port,
            directory = directory.display()
        );
        fs::write(directory.join("settings"), settings)?;
        if is_root() {
            run(Command::new("chown")
                .arg("-R")
                .arg("postgres")
                .arg(&directory))?;
        }
        let script = format!(
            "PATH=$PATH:/usr/sbin; pgbouncer {}/settings & read -r _; kill $!",
            directory.display()
        );
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--", "sh", "-c", &script]);
            command
        } else {
            let mut command = Command::new("sh");
            command.args(["-c", &script]);
            command
        };
        let child = command
            .current_dir(&directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let pooler = Pooler { child, port };
        let deadline = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if Instant::now() > deadline {
                return Err(io::Error::other(
                    "PgBouncer does not start: apt-get install pgbouncer",
                ));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(pooler)
    }

    /// What the server has written to its log.
    pub fn log(&self) -> String {
        fs::read_to_string(self.directory.join("log")).unwrap_or_default()
    }

    /// A program of the server, as a user that may run it.
    fn program(&self, name: &str) -> Command {
        let program = self.programs.join(name);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir(&self.directory);
        command
    }

    fn guard(&self) -> io::Result<Child> {
        let script = format!(
            "trap '' INT TERM HUP; read -r _; cd /; {stop} -m immediate -D {directory}/data stop; rm -rf {directory}",
            stop = if is_root() {
                format!("runuser -u postgres -- {}/pg_ctl", self.programs.display())
            } else {
                format!("{}/pg_ctl", self.programs.display())
            },
            directory = self.directory.display()
        );
        Command::new("sh")
            .args(["-c", &script])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let guard = self.guard.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(mut guard) = guard.take() {
            drop(guard.stdin.take());
            let _ = guard.wait();
        }
    }
}

/// PgBouncer before a server.
pub struct Pooler {
    child: Child,
    port: u16,
}

impl Pooler {
    /// The address of a new schema, through the pooler.
    pub fn fresh_address(&self, server: &Postgres) -> String {
        let direct = format!(":{}/", server.port());
        server
            .fresh_address()
            .replace(&direct, &format!(":{}/", self.port))
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        // It ends when its input does.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// The directory of the newest server that is installed.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut versions: Vec<_> = versions
        .filter_map(|entry| {
            let version = entry.ok()?.file_name();
            version.to_str()?.parse::<u32>().ok()
        })
        .collect();
    versions.sort_unstable();
    let newest = versions.into_iter().rev();
    newest
        .map(|version| {
            Path::new("/usr/lib/postgresql")
                .join(version.to_string())
                .join("bin")
        })
        .find(|programs| programs.join("initdb").exists())
}

fn is_root() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let user = status.lines().find(|line| line.starts_with("Uid:"));
    user.is_some_and(|line| line.split_whitespace().nth(1) == Some("0"))
}

fn run(command: &mut Command) -> io::Result<()> {
    // The server goes on, and would hold a pipe open.
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let status = command.status()?;
    if status.success() {
        return Ok(());
    }
    Err(io::Error::other(format!("{command:?} failed: {status}")))
}

//! Starting a bot: building its parts.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::runtime::Handle;
use tokio::sync::{Mutex, Notify, OnceCell, Semaphore};
use tokio::task::JoinHandle;

use super::handle::{Running, Tasks};
use super::setup::Setup;
use super::{Bot, BotHandle, Config, Error, Result};
use crate::accounts::Accounts;
use crate::dispatch::{
    self, EventDispatcher, EventMetrics, HandlerMetrics, MatchCache, OwnerLookupBackoff,
};
use crate::graph::{GraphMetrics, GraphSettings, GraphTransport};
use crate::journal::{Journal, Wake, commit_duration};
use crate::metrics;
use crate::notice::Listeners;
use crate::operations::{self, Health, PageState, Reports, Samples, Scraper, SpeakApi, ThreadsApi};
use crate::outbox::{
    self, AccountPauses, Limiter, NoticeMetrics, Notices, Notifiers, ObservedSends, Outbox,
    OutboxMetrics, SendPermits,
};
use crate::recording::Recorder;
use crate::routing::{Description, RouteError, RoutingTable};
use crate::secrets::{SecretLists, Secrets};
use crate::shutdown::{BackgroundTasks, WebhookGate};
use crate::target::AppDirectory;
use crate::threads::{self, Threads};
use crate::trigger::TriggerKind;
use crate::webhook::{self, Admission, DataDeletion, EmptyEdits, WebhookMetrics, WebhookState};
use tokio_util::sync::CancellationToken;

/// Pause after an error of the store.
const LOOK_AROUND_PAUSE: Duration = Duration::from_secs(1);

impl Bot {
    /// Starts the background tasks.
    pub(super) fn start(
        self,
        config: &Config,
        operations: Option<std::net::TcpListener>,
    ) -> Result<(Router, BotHandle)> {
        let runtime = Handle::try_current().map_err(|_| Error::NoRuntime)?;
        let mut apps = AppDirectory::new(self.environment().clone());
        for (name, id) in self.apps {
            apps.insert(name, id);
        }
        let apps = Arc::new(apps);
        let described = Description::of(&self.routes);
        let handlers: Vec<_> = self.routes.iter().map(|meta| meta.name).collect();
        let registry = metrics::registry().map_err(Error::other)?;
        let graph_metrics = GraphMetrics::new(&registry).map_err(Error::other)?;
        let events = Arc::new(EventMetrics::new(&registry).map_err(Error::other)?);
        let settings_of = self.settings_of.map(|it| it.bind(self.routes.states()));
        let settings_of = settings_of.transpose().map_err(Error::other)?;
        let table = RoutingTable::new(self.routes, apps.clone())?;
        if let Some(handler) = table.takes_history()
            && !self.settings.history.keeps_all()
        {
            return Err(RouteError::NoHistory { handler }.into());
        }
        let secrets = Secrets::new(SecretLists {
            app_secrets: config.app_secrets.clone(),
            verify_tokens: config.verify_tokens.clone(),
            api_tokens: config.api_tokens.clone(),
        });
        let following = runtime.spawn(secrets.clone().follow(config.secret_files.clone()));
        let clock = &self.settings.clock;
        let recorder = config.record.as_deref().map(|path| {
            let recorder = Recorder::start(path, &config.app_id, clock.clone());
            recorder.map_err(|source| Error::Recording {
                path: path.to_owned(),
                source,
            })
        });
        let recorder = recorder.transpose()?;
        let transport = GraphTransport::new(&graph_settings(config))?
            .counted(graph_metrics)
            .recorded(recorder.clone())
            .proving(config.appsecret_proof, &secrets);
        let token_store = match self.token_store {
            Some(store) => store,
            None => Arc::new(config.token_store(&transport)?),
        };
        let settings = self.settings;
        let notifiers = self.notifiers.iter().chain(&config.notifiers);
        let listeners =
            Listeners::of(notifiers.clone()).with_handler(table.waits_for(TriggerKind::Handoff));
        let notifiers = Notifiers::new(notifiers)?;
        let usual = settings.of_accounts(config.app_id.clone(), listeners);
        let rules = usual.rules.clone();
        let accounts = Accounts::new(
            transport,
            token_store,
            usual,
            settings_of,
            settings.clock.clone(),
        );
        let accounts = Arc::new(accounts);
        let commits = commit_duration(&registry).map_err(Error::other)?;
        let journal = match self.journal {
            Some(journal) => journal,
            None => config.store.open(
                config.identity(),
                &settings.clock,
                settings.retention,
                commits,
            )?,
        };
        journal.keep_history(settings.history);
        journal.limit_waiting(config.waiting_limit);
        let wake = Wake::default();
        let observed_sends = Arc::new(ObservedSends::new(journal.clone(), settings.clock.clone()));
        let (gate, stop, outbox_shutdown) = (
            WebhookGate::default(),
            CancellationToken::new(),
            CancellationToken::new(),
        );
        let pauses = AccountPauses::of_before(journal.paused_before(), settings.clock.now());
        let outbox = Arc::new(Outbox {
            permits: SendPermits::default(),
            journal: journal.clone(),
            accounts: accounts.clone(),
            wake: wake.clone(),
            stop: outbox_shutdown.clone(),
            webhook_closed: stop.clone(),
            keeps_history: settings.history.keeps_all(),
            tells_failed_sends: table.waits_for(TriggerKind::SendFailed),
            limiter: Limiter::new(settings.send_rate),
            observed_sends: observed_sends.clone(),
            pauses: pauses.clone(),
            clock: settings.clock.clone(),
            metrics: OutboxMetrics::new(&registry).map_err(Error::other)?,
        });
        let notices = Notices {
            journal: journal.clone(),
            metrics: NoticeMetrics::new(&registry, &notifiers).map_err(Error::other)?,
            accounts: accounts.clone(),
            notifiers,
            wake: wake.clone(),
            stop: outbox_shutdown.clone(),
            clock: settings.clock.clone(),
            failures: Default::default(),
        };
        let (grace, catch_up) = (settings.grace, settings.catch_up);
        let signals = table.signals().map(|it| (it.name, it.check)).collect();
        let clock = settings.clock.clone();
        let permits = Arc::new(Semaphore::new(settings.threads_at_once));
        let matches = Arc::new(MatchCache::default());
        let dispatcher = Arc::new(EventDispatcher {
            journal: journal.clone(),
            table,
            apps,
            accounts: accounts.clone(),
            rules,
            owner_lookup_backoff: OwnerLookupBackoff::default(),
            observed_sends: observed_sends.clone(),
            settings,
            permits,
            wake: wake.clone(),
            stop: stop.clone(),
            outbox: outbox.clone(),
            match_cache: matches.clone(),
            events: events.clone(),
            handlers: HandlerMetrics::new(&registry, handlers).map_err(Error::other)?,
        });
        let dispatch = runtime.spawn(dispatch::run(dispatcher.clone()));
        let sending = runtime.spawn(outbox::run(outbox.clone()));
        let notifying = runtime.spawn(outbox::deliver_notices(Arc::new(notices)));
        let agreeing = runtime.spawn(outbox::agree(outbox.clone()));
        let renewing = runtime.spawn(outbox::renew(outbox));
        let watching = runtime.spawn(outbox::watch(journal.clone()));
        let looking = runtime.spawn(look_around(journal.clone(), wake.clone()));
        let reports = Reports::default();
        let setup = Setup {
            accounts: accounts.clone(),
            profile: self.profile,
            subscribes: self.subscribes,
            routes: described,
            app_id: config.app_id.clone(),
            secrets: secrets.clone(),
            reports: reports.clone(),
            is_recorded: recorder.is_some(),
        };
        let setting_up = runtime.spawn(setup.run());
        let health = Arc::new(Health::new(
            journal.clone(),
            accounts.clone(),
            reports,
            pauses.clone(),
            gate.clone(),
            config.backlog_limit,
            config.waiting_limit,
        ));
        let scraper = Scraper::new(
            registry.clone(),
            journal.clone(),
            pauses.clone(),
            clock.clone(),
            accounts.clone(),
        );
        let threads = Threads::new(threads::Inner {
            journal: journal.clone(),
            wake: wake.clone(),
            clock: clock.clone(),
            accounts: accounts.clone(),
            signals,
            matches,
            observed_sends: observed_sends.clone(),
        });
        let control = ThreadsApi {
            threads: threads.clone(),
            secrets: secrets.clone(),
        };
        let speak = SpeakApi {
            threads: threads.clone(),
            secrets: secrets.clone(),
        };
        let samples = Arc::new(Samples::new(registry.clone(), journal.clone()));
        let sampling = runtime.spawn({
            let samples = samples.clone();
            async move { samples.follow().await }
        });
        let page = PageState {
            journal: journal.clone(),
            accounts: accounts.clone(),
            pauses,
            health,
            samples,
            secrets: secrets.clone(),
            clock: clock.clone(),
            started_at: clock.now(),
            figures: Mutex::default(),
        };
        let for_operations = operations::router(scraper, control, speak, page);
        let mut tasks = vec![
            &dispatch,
            &sending,
            &notifying,
            &watching,
            &looking,
            &agreeing,
            &renewing,
            &sampling,
            &setting_up,
            &following,
        ];
        let telling = operations
            .map(|listener| operations::serve(listener, for_operations.clone()))
            .transpose()
            .map_err(Error::other)?;
        tasks.extend(&telling);
        let mut data_deletion = Router::new();
        let mut deleting = None;
        if let Some(url) = &config.data_deletion {
            let deletion = Arc::new(DataDeletion {
                url: url.clone(),
                app_id: config.app_id.clone(),
                secrets: secrets.clone(),
                journal: journal.clone(),
                accounts: accounts.clone(),
                threads: threads.clone(),
                clock: clock.clone(),
                requested: Notify::new(),
            });
            let route = config.data_deletion_route.as_deref();
            data_deletion =
                webhook::data_deletion(deletion.clone(), route).map_err(Error::other)?;
            deleting = Some(runtime.spawn(webhook::delete_data(deletion)));
        }
        tasks.extend(&deleting);
        let work = Arc::new(BackgroundTasks::new(
            tasks.into_iter().map(JoinHandle::abort_handle),
        ));
        let webhook = Arc::new(WebhookState {
            secrets,
            body_limit: config.body_limit,
            admission: Admission::new(config.waiting_limit),
            empty_edits: EmptyEdits::default(),
            app_id: config.app_id.clone(),
            journal: journal.clone(),
            observed_sends,
            wake,
            dispatcher,
            clock,
            metrics: WebhookMetrics::new(&registry).map_err(Error::other)?,
            events,
            gate: gate.clone(),
            recorder: recorder.clone(),
            work: work.clone(),
        });
        if let Some(time) = catch_up {
            let caught = webhook::catch_up(webhook.clone(), accounts.clone(), time);
            runtime.spawn(caught);
        }
        let router = webhook::router(webhook.clone()).merge(data_deletion);
        let handle = BotHandle::new(Running {
            threads,
            webhook,
            accounts,
            journal,
            operations: for_operations,
            tasks: Mutex::new(Tasks {
                dispatch,
                sending,
                notifying,
            }),
            work,
            gate,
            stop,
            outbox_shutdown,
            recorder,
            grace,
            ended: OnceCell::new(),
        });
        Ok((router.merge(operations::health()), handle))
    }
}

/// Takes up what other nodes have stored for this one.
async fn look_around(journal: Journal, wake: Wake) {
    loop {
        match journal.look_around().await {
            Ok(ready) => wake.up(ready),
            // The journal reports it.
            Err(_) => tokio::time::sleep(LOOK_AROUND_PAUSE).await,
        }
    }
}

fn graph_settings(config: &Config) -> GraphSettings {
    GraphSettings {
        base_url: config.graph_url.clone(),
        version: config.graph_version.clone(),
        // Each account has its own.
        ..GraphSettings::new("", "")
    }
}

//! Many Pages and Instagram accounts in one bot.

use std::fs;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::support::bot::RunningBot;
use crate::support::directory::Directory;
use crate::support::logs::Logs;
use crate::support::platform::message;
use crate::support::simulated::{CAFE, CAFE_ON_INSTAGRAM, SHOP, Simulated, config, token_of};
use crate::support::wait::until;
use handover::journal::{DeadLetterContent, Journal};
use handover::prelude::*;
use handover::protocol::AccountId;
use handover::{Account, Config, SendRate, TokenFile, TokenFuture, TokenStore};
use handover_testkit::PATIENCE;
use serde_json::json;

#[on_message(object = "instagram")]
async fn on_instagram(text: Text) -> String {
    format!("instagram: {text}")
}

#[on_message(page = "1063254873751024")]
async fn in_the_shop(text: Text) -> String {
    format!("shop: {text}")
}

#[on_message]
async fn elsewhere(text: Text) -> String {
    format!("cafe: {text}")
}

fn bot() -> Bot {
    Bot::new(routes![on_instagram, in_the_shop, elsewhere])
}

fn cafe() -> Account {
    Account::new(CAFE, token_of(CAFE)).instagram(CAFE_ON_INSTAGRAM)
}

fn shop() -> Account {
    Account::new(SHOP, token_of(SHOP))
}

/// A person writes to an account and gets this answer.
async fn chat(bot: &Simulated, account: &str, answer: &str) {
    let person = bot.person(account);
    let (_, said) = answer.split_once(": ").unwrap();
    person.says(said).await.unwrap();
    bot.reads(&person, answer).await;
}

async fn all_are_answered(bot: &Simulated) {
    chat(bot, CAFE, "cafe: hello").await;
    chat(bot, SHOP, "shop: hello").await;
    chat(bot, CAFE_ON_INSTAGRAM, "instagram: hello").await;
}

#[tokio::test]
async fn each_account_is_answered_by_its_handlers_and_with_its_own_token() {
    let config = config().account(cafe()).account(shop());
    let bot = Simulated::start(bot(), config).await;
    all_are_answered(&bot).await;
    let refused = bot.calls().into_iter().find(|row| row.status != Some(200));
    assert!(refused.is_none(), "{refused:#?}");
    assert_eq!(bot.ready().await, (200, Vec::new()));
}

#[tokio::test]
async fn with_a_single_page_its_instagram_account_need_not_be_named() {
    let config = Config::new(CAFE, "1517776481860111")
        .access_token(token_of(CAFE))
        .app_secret(crate::support::simulated::SECRET)
        .verify_token("the verify token");
    let bot = Simulated::start(bot(), config).await;
    chat(&bot, CAFE_ON_INSTAGRAM, "instagram: hello").await;
}

#[tokio::test]
async fn an_account_can_have_its_own_send_rate() {
    let slow = SendRate::default().messages(1);
    let config = config().account(cafe()).account(shop().send_rate(slow));
    let bot = Simulated::start(bot(), config).await;
    let person = bot.person(SHOP);
    let begun = Instant::now();
    for text in ["one", "two", "three"] {
        person.says(text).await.unwrap();
    }
    bot.reads(&person, "shop: three").await;
    // One at once, and then one every second; others have hundreds of them.
    assert!(begun.elapsed() >= Duration::from_millis(1900));
}

#[tokio::test]
async fn a_campaign_of_one_account_does_not_delay_another() {
    let slow = SendRate::default().messages(1);
    let config = config().account(cafe()).account(shop().send_rate(slow));
    let bot = Simulated::start(bot(), config).await;
    // More than the calls that are made at once.
    for number in 0..300 {
        let person = bot.sim.person_on(SHOP, &format!("Person {number}"));
        person.unwrap().says("hello").await.unwrap();
    }
    until("they wait to be answered", async || {
        let backlog = bot.journal.backlog().await.unwrap();
        let waits = backlog.calls > 260;
        waits.then_some(()).ok_or(format!("{backlog:?}"))
    })
    .await;
    chat(&bot, CAFE, "cafe: hello").await;
    let calls = bot.calls();
    let of_shop = calls.iter().filter(|row| row.account == Some(SHOP.into()));
    let sent = of_shop.count();
    assert!(sent < 20, "{sent} others had to be sent before");
}

mod unknown {
    use super::*;

    #[tokio::test]
    async fn its_events_are_kept_and_reported_and_nothing_is_sent() {
        let bot = Simulated::start(bot(), config().account(cafe())).await;
        for text in ["one", "two"] {
            bot.person(SHOP).says(text).await.unwrap();
        }
        let letters = bot.dead_letters(2).await;
        for letter in letters {
            assert_eq!(letter.thread.account, SHOP);
            assert!(letter.cause.contains("no access token"), "{letter:?}");
            assert!(
                matches!(letter.content, DeadLetterContent::Event(_)),
                "{letter:?}"
            );
        }
        chat(&bot, CAFE, "cafe: hello").await;
        let sent: Vec<_> = bot.calls().iter().map(|row| row.account.clone()).collect();
        assert_eq!(sent, [Some(CAFE.into())], "nothing for the shop");
        let (status, problems) = bot.ready().await;
        assert_eq!((status, problems.len()), (200, 1), "{problems:?}");
        assert!(problems[0].contains(SHOP), "{problems:?}");
    }

    /// As while the disk is full.
    #[tokio::test]
    async fn its_events_are_kept_as_soon_as_that_can_be_stored() {
        let logs = Logs::capture();
        let directory = Directory::new();
        let path = directory.path().join("handover.db");
        let journal = Journal::open(&path).unwrap();
        let bot = RunningBot::start_with(bot().journal(journal.clone())).await;
        let disk = rusqlite::Connection::open(&path).unwrap();
        disk.busy_timeout(PATIENCE).unwrap();
        let full = "CREATE TRIGGER full BEFORE INSERT ON dead_letter
                    BEGIN SELECT RAISE(ABORT, 'full'); END";
        disk.execute_batch(full).unwrap();
        let mut hello = message("9", "hello");
        hello["recipient"]["id"] = SHOP.into();
        let body = json!({ "object": "page", "entry": [{ "id": SHOP, "messaging": [hello] }] });
        assert_eq!(bot.platform.post_bytes(body.to_string()).await, 200);
        until("it cannot be stored", async || {
            let failed = logs.with(&["could not be set aside"]);
            let has_failed = !failed.is_empty();
            has_failed.then_some(()).ok_or(format!("{:?}", logs.all()))
        })
        .await;
        disk.execute_batch("DROP TRIGGER full").unwrap();
        until("it is stored", async || {
            let letters = journal.dead_letters().await.unwrap();
            let is_stored = letters.len() == 1;
            is_stored.then_some(()).ok_or(format!("{letters:?}"))
        })
        .await;
    }

    #[tokio::test]
    async fn beside_a_named_instagram_account_another_one_is_unknown() {
        let account = Account::new(CAFE, token_of(CAFE)).instagram("17840000000000000");
        let bot = Simulated::start(bot(), config().account(account)).await;
        bot.person(CAFE_ON_INSTAGRAM).says("hello").await.unwrap();
        let letters = bot.dead_letters(1).await;
        assert_eq!(letters[0].thread.account, CAFE_ON_INSTAGRAM);
        assert!(bot.calls().is_empty());
    }
}

mod file {
    use super::*;

    /// Replaces the file, as one that others read should be.
    fn write(directory: &Directory, accounts: &serde_json::Value) {
        let (new, path) = (path(directory).with_extension("new"), path(directory));
        fs::write(&new, accounts.to_string()).unwrap();
        fs::rename(new, path).unwrap();
    }

    fn path(directory: &Directory) -> std::path::PathBuf {
        directory.path().join("accounts.json")
    }

    #[tokio::test]
    async fn a_new_token_is_used_without_a_restart_and_only_its_account_waits_for_it() {
        let directory = Directory::new();
        let accounts = |shop: &str| {
            json!([
                { "page": CAFE, "access_token": token_of(CAFE), "instagram": [CAFE_ON_INSTAGRAM] },
                { "page": SHOP, "access_token": shop, "send_rate": { "messages": 5 } },
            ])
        };
        write(&directory, &accounts("an old token"));
        let bot = Simulated::start(bot(), config().accounts_file(path(&directory))).await;
        let in_the_shop = bot.person(SHOP);
        in_the_shop.says("hello").await.unwrap();
        until("the shop's token is refused", async || {
            let (status, problems) = bot.ready().await;
            match &*problems {
                [one] if one.contains(SHOP) && one.contains("access token") && status == 200 => {
                    Ok(())
                }
                _ => Err(format!("{status} {problems:?}")),
            }
        })
        .await;
        chat(&bot, CAFE, "cafe: hello").await;
        chat(&bot, CAFE_ON_INSTAGRAM, "instagram: hello").await;

        write(&directory, &accounts(&token_of(SHOP)));
        bot.reads(&in_the_shop, "shop: hello").await;
        assert_eq!(bot.ready().await, (200, Vec::new()));
        bot.dead_letters(0).await;
    }

    #[tokio::test]
    async fn an_account_that_is_added_is_answered() {
        let directory = Directory::new();
        write(&directory, &json!([]));
        let config = config().accounts_file(path(&directory)).account(cafe());
        let bot = Simulated::start(bot(), config).await;
        let person = bot.person(SHOP);
        person.says("too early").await.unwrap();
        bot.dead_letters(1).await;
        write(
            &directory,
            &json!([{ "page": SHOP, "access_token": token_of(SHOP) }]),
        );
        until("the shop answers", async || {
            person.says("hello").await.unwrap();
            tokio::time::sleep(Duration::from_millis(100)).await;
            let messages = person.messages();
            let answered = messages
                .iter()
                .any(|one| one.text.as_deref() == Some("shop: hello"));
            answered.then_some(()).ok_or(format!("{messages:#?}"))
        })
        .await;
        let (_, problems) = bot.ready().await;
        assert!(problems.is_empty(), "{problems:?}");
    }

    #[tokio::test]
    async fn what_cannot_be_read_changes_nothing() {
        let directory = Directory::new();
        let shop = json!([{ "page": SHOP, "access_token": token_of(SHOP) }]);
        write(&directory, &shop);
        let file = TokenFile::open(path(&directory)).unwrap();
        write(&directory, &json!("half of it"));
        assert_eq!(file.accounts().await.unwrap().len(), 1);
        fs::remove_file(path(&directory)).unwrap();
        assert!(file.account(&SHOP.into()).await.unwrap().is_some());
    }

    /// As when a disk fails for a moment: the file that comes back may have the length and the time that were
    /// seen before.
    #[tokio::test]
    async fn what_could_not_be_read_is_read_as_soon_as_it_can_be() {
        let directory = Directory::new();
        let path = path(&directory);
        write(&directory, &json!([]));
        let file = TokenFile::open(&path).unwrap();
        fs::remove_file(&path).unwrap();
        // A length that the file can get, too.
        fs::create_dir(&path).unwrap();
        for number in 0..20 {
            fs::write(path.join(format!("something with a name {number}")), "").unwrap();
        }
        let seen = fs::metadata(&path).unwrap();
        assert!(file.accounts().await.unwrap().is_empty());
        assert!(file.accounts().await.unwrap().is_empty());

        fs::remove_dir_all(&path).unwrap();
        let mut text = json!([{ "page": SHOP, "access_token": token_of(SHOP) }]).to_string();
        let blanks = usize::try_from(seen.len())
            .unwrap()
            .saturating_sub(text.len());
        text.push_str(&" ".repeat(blanks));
        fs::write(&path, text).unwrap();
        let written = fs::File::options().write(true).open(&path).unwrap();
        written.set_modified(seen.modified().unwrap()).unwrap();
        assert!(file.account(&SHOP.into()).await.unwrap().is_some());
    }

    #[test]
    fn what_is_wrong_is_said_without_the_tokens() {
        let directory = Directory::new();
        let said = |accounts: serde_json::Value| {
            write(&directory, &accounts);
            let error = TokenFile::open(path(&directory)).unwrap_err().to_string();
            assert!(!error.contains("EAAB-secret"), "{error}");
            error
        };
        let text = said(json!([{ "page": SHOP, "access_token": { "value": "EAAB-secret" } }]));
        assert!(text.contains("line 1"), "{text}");
        let text = said(json!([{ "page": SHOP, "access_token": 5, "typo": "EAAB-secret" }]));
        assert!(text.contains("accounts.json"), "{text}");
        let twice = json!({ "page": SHOP, "access_token": "EAAB-secret" });
        let text = said(json!([twice, twice]));
        assert!(text.contains(SHOP) && text.contains("twice"), "{text}");
        let missing = TokenFile::open(directory.path().join("nowhere")).unwrap_err();
        assert!(missing.to_string().contains("nowhere"), "{missing}");
    }
}

mod own_store {
    use super::*;

    /// A database that may be down.
    #[derive(Default)]
    struct Database {
        down: Mutex<bool>,
        rows: Mutex<Vec<Account>>,
    }

    impl Database {
        fn rows(&self) -> Result<Vec<Account>, &'static str> {
            match *self.down.lock().unwrap() {
                true => Err("the database is down"),
                false => Ok(self.rows.lock().unwrap().clone()),
            }
        }
    }

    impl TokenStore for Database {
        fn account<'a>(&'a self, id: &'a AccountId) -> TokenFuture<'a, Option<Account>> {
            Box::pin(async move { Ok(self.rows()?.into_iter().find(|account| account.is(id))) })
        }

        fn accounts(&self) -> TokenFuture<'_, Vec<Account>> {
            Box::pin(async { Ok(self.rows()?) })
        }
    }

    #[tokio::test]
    async fn it_is_the_only_source_of_accounts() {
        let database = Arc::new(Database::default());
        *database.rows.lock().unwrap() = vec![cafe(), shop()];
        let bot = Simulated::start(bot().token_store(database), config()).await;
        all_are_answered(&bot).await;
    }

    #[tokio::test]
    async fn while_it_fails_events_wait_and_none_is_given_up() {
        let database = Arc::new(Database::default());
        *database.rows.lock().unwrap() = vec![cafe(), shop()];
        *database.down.lock().unwrap() = true;
        let bot = Simulated::start(bot().token_store(database.clone()), config()).await;
        let person = bot.person(SHOP);
        person.says("hello").await.unwrap();
        until("the failure is reported", async || {
            let (_, problems) = bot.ready().await;
            let is_reported = problems.iter().any(|one| one.contains("database is down"));
            is_reported.then_some(()).ok_or(format!("{problems:?}"))
        })
        .await;
        *database.down.lock().unwrap() = false;
        bot.reads(&person, "shop: hello").await;
        bot.dead_letters(0).await;
    }

    /// A store that panics: in the future that it returns, or before.
    #[derive(Default)]
    struct Unwrapping(Mutex<bool>);

    impl Unwrapping {
        fn rows(&self) -> Vec<Account> {
            let panics = *self.0.lock().unwrap();
            assert!(!panics, "no such table");
            vec![cafe(), shop()]
        }
    }

    impl TokenStore for Unwrapping {
        fn account<'a>(&'a self, id: &'a AccountId) -> TokenFuture<'a, Option<Account>> {
            Box::pin(async move { Ok(self.rows().into_iter().find(|account| account.is(id))) })
        }

        fn accounts(&self) -> TokenFuture<'_, Vec<Account>> {
            let rows = self.rows();
            Box::pin(async move { Ok(rows) })
        }
    }

    #[tokio::test]
    async fn while_it_panics_events_wait_and_none_is_given_up() {
        let store = Arc::new(Unwrapping::default());
        *store.0.lock().unwrap() = true;
        let bot = Simulated::start(bot().token_store(store.clone()), config()).await;
        let person = bot.person(SHOP);
        person.says("hello").await.unwrap();
        until("the panic is reported", async || {
            let (_, problems) = bot.ready().await;
            let is_reported = problems.iter().any(|one| one.contains("no such table"));
            is_reported.then_some(()).ok_or(format!("{problems:?}"))
        })
        .await;
        *store.0.lock().unwrap() = false;
        bot.reads(&person, "shop: hello").await;
        bot.dead_letters(0).await;
    }
}

#[test]
fn a_configuration_without_any_account_says_what_is_missing() {
    let bot = bot().config(config());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let error = runtime.block_on(async { bot.into_parts() }).unwrap_err();
    assert!(error.to_string().contains("MESSENGER_PAGE_ID"), "{error}");
}

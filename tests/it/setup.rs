//! What a bot sets up at the platform when it starts.

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::directory::Directory;
use crate::support::simulated::{APP, CAFE, CAFE_ON_INSTAGRAM, SHOP, Simulated, config, token_of};
use crate::support::wait::until;
use handover::prelude::*;
use handover::protocol::{AccountId, Button};
use handover::{Account, Profile, TokenFuture, TokenStore};
use handover_testkit::http;
use serde_json::{Value, json};

#[on_message]
async fn echo(text: Text) -> String {
    text.0
}

#[on_postback(object = "page")]
async fn tapped() -> &'static str {
    "Tapped."
}

#[on_reaction(page = "1063254873751024")]
async fn liked() {}

#[on_standby]
async fn overheard() {}

fn accounts() -> handover::Config {
    config()
        .account(Account::new(CAFE, token_of(CAFE)).instagram(CAFE_ON_INSTAGRAM))
        .account(Account::new(SHOP, token_of(SHOP)))
}

/// Asks the simulator what is in force.
async fn get(bot: &Simulated, token: &str, path: &str) -> Value {
    let url = format!("{}/v26.0/{path}", bot.sim.graph_url());
    let answer = http::Client::new().get(url).bearer_auth(token).send();
    answer.await.unwrap().json().await.unwrap()
}

/// What the bot posted to this call so far.
fn posted(bot: &Simulated, call: &str) -> Vec<Value> {
    let rows = bot.calls().into_iter();
    rows.filter(|row| row.method == "POST" && row.title == call)
        .map(|row| serde_json::from_str(row.request.as_deref().unwrap()).unwrap())
        .collect()
}

/// Waits until the bot has made so many calls of this name and method, and all is well.
async fn made(bot: &Simulated, method: &str, call: &str, count: usize) {
    until(&format!("{count} times {method} {call}"), async || {
        let rows = bot.calls();
        let made = rows
            .iter()
            .filter(|row| row.method == method && row.title == call && row.status.is_some());
        if made.count() == count {
            Ok(())
        } else {
            Err(format!("{rows:#?}"))
        }
    })
    .await;
}

mod subscription {
    use super::*;

    async fn fields(bot: &Simulated, account: &str) -> Vec<String> {
        let apps = get(
            bot,
            &token_of(account),
            &format!("{account}/subscribed_apps"),
        )
        .await;
        let fields = apps["data"][0]["subscribed_fields"].as_array().unwrap();
        let mut fields: Vec<_> = fields
            .iter()
            .map(|field| field.as_str().unwrap().to_owned())
            .collect();
        fields.sort();
        fields
    }

    #[tokio::test]
    async fn each_page_gets_the_fields_of_its_handlers_and_no_others() {
        let bot = Bot::new(routes![echo, tapped, liked]).subscribe();
        let bot = Simulated::start(bot, accounts()).await;
        made(&bot, "POST", "subscribed_apps", 2).await;
        let of_both = [
            "message_echoes",
            "messages",
            "messaging_handovers",
            "messaging_postbacks",
            "standby",
        ];
        assert_eq!(fields(&bot, CAFE).await, of_both);
        let mut of_shop = of_both.to_vec();
        of_shop.insert(1, "message_reactions");
        assert_eq!(fields(&bot, SHOP).await, of_shop);
    }

    #[tokio::test]
    async fn who_never_speaks_needs_nothing_but_the_events() {
        let bot = Bot::new(routes![overheard]).subscribe();
        let bot = Simulated::start(bot, accounts()).await;
        made(&bot, "POST", "subscribed_apps", 2).await;
        assert_eq!(fields(&bot, CAFE).await, ["standby"]);
    }

    #[tokio::test]
    async fn instagram_is_subscribed_for_the_whole_app() {
        let bot = Bot::new(routes![echo, tapped]).subscribe();
        let bot = Simulated::start(bot, accounts()).await;
        instagram_is_subscribed(&bot).await;
    }

    #[tokio::test]
    async fn the_app_is_subscribed_as_soon_as_any_account_has_a_token() {
        let directory = Directory::new();
        let path = directory.path().join("accounts.json");
        let write = |token: &str| {
            let accounts = json!([
                { "page": SHOP, "access_token": "" },
                { "page": CAFE, "access_token": token, "instagram": [CAFE_ON_INSTAGRAM] },
            ]);
            let new = path.with_extension("new");
            fs::write(&new, accounts.to_string()).unwrap();
            fs::rename(new, &path).unwrap();
        };
        write("");
        let bot = Bot::new(routes![echo, tapped]).subscribe();
        let bot = Simulated::start(bot, config().accounts_file(&path)).await;
        bot.ready().await;
        assert!(bot.calls().is_empty());
        write(&token_of(CAFE));
        instagram_is_subscribed(&bot).await;
    }

    /// Waits until the app has the fields of `echo` on Instagram.
    async fn instagram_is_subscribed(bot: &Simulated) {
        let app_token = format!("{APP}|{}", crate::support::simulated::SECRET);
        until("the app's webhook is subscribed", async || {
            let all = get(bot, &app_token, &format!("{APP}/subscriptions")).await;
            let rows = all["data"].as_array().unwrap();
            let instagram = rows.iter().find(|row| row["object"] == "instagram");
            let fields = instagram.map(|row| {
                let fields = row["fields"].as_array().unwrap().iter();
                let mut names: Vec<_> = fields
                    .map(|field| field["name"].as_str().unwrap())
                    .collect();
                names.sort_unstable();
                names
            });
            // Nobody waits for postbacks of Instagram.
            match fields.as_deref() == Some(&["messages", "messaging_handover", "standby"]) {
                true => Ok(()),
                false => Err(format!("{all:#}")),
            }
        })
        .await;
    }

    #[tokio::test]
    async fn what_is_right_already_is_left_alone() {
        let routes = || Bot::new(routes![echo]).subscribe();
        let bot = Simulated::start(routes(), config().account(account())).await;
        made(&bot, "POST", "subscribed_apps", 1).await;
        let again = bot.another(routes(), config().account(account()));
        made(&bot, "GET", "subscribed_apps", 2).await;
        made(&bot, "GET", "subscriptions", 2).await;
        made(&bot, "POST", "subscribed_apps", 1).await;
        drop(again);
    }

    fn account() -> Account {
        Account::new(SHOP, token_of(SHOP))
    }
}

mod profile {
    use super::*;

    fn profile() -> Profile {
        Profile::new()
            .get_started("HELLO")
            .persistent_menu([Button::postback("Talk to a person", "HUMAN")])
            .ice_breakers([("When are you open?", "HOURS")])
    }

    fn bot_of(profile: Profile) -> Bot {
        Bot::new(routes![echo]).profile(profile)
    }

    #[tokio::test]
    async fn each_account_shows_what_its_product_knows() {
        let bot = Simulated::start(bot_of(profile()), accounts()).await;
        made(&bot, "POST", "messenger_profile", 3).await;
        for body in posted(&bot, "messenger_profile") {
            let on_instagram = body["platform"] == "instagram";
            assert_eq!(body["get_started"].is_null(), on_instagram, "{body}");
            assert_eq!(
                body["ice_breakers"][0]["call_to_actions"],
                json!([{ "question": "When are you open?", "payload": "HOURS" }])
            );
        }
        let ana = bot.person(CAFE);
        ana.taps_get_started().await.unwrap();
        assert_eq!(bot.ready().await, (200, Vec::new()));
    }

    #[tokio::test]
    async fn it_is_set_only_where_it_differs_and_only_what_differs() {
        let bot = Simulated::start(bot_of(profile()), accounts()).await;
        made(&bot, "POST", "messenger_profile", 3).await;

        let same = bot.another(bot_of(profile()), accounts());
        made(&bot, "GET", "messenger_profile", 6).await;
        made(&bot, "POST", "messenger_profile", 3).await;
        drop(same);

        let changed = profile().greeting("Hello!");
        let changed = bot.another(bot_of(changed), accounts());
        made(&bot, "GET", "messenger_profile", 9).await;
        made(&bot, "POST", "messenger_profile", 5).await;
        let last = posted(&bot, "messenger_profile").pop().unwrap();
        assert_eq!(
            last,
            json!({ "greeting": [{ "locale": "default", "text": "Hello!" }] })
        );
        drop(changed);
    }

    #[tokio::test]
    async fn what_is_refused_is_reported_and_the_bot_works() {
        let too_long = Profile::new().greeting("x".repeat(161));
        let bot = Simulated::start(bot_of(too_long), accounts()).await;
        until("it is reported", async || {
            let (status, problems) = bot.ready().await;
            let is_reported = problems
                .iter()
                .any(|one| one.contains("the profile of") && one.contains(SHOP));
            (status == 200 && is_reported)
                .then_some(())
                .ok_or(format!("{status} {problems:?}"))
        })
        .await;
        let ana = bot.person(SHOP);
        ana.says("hello").await.unwrap();
        bot.reads(&ana, "hello").await;
    }
}

mod token_store {
    use super::*;

    /// A database with the shop's token, that may be down.
    struct Database {
        token: Mutex<Result<String, &'static str>>,
        asked: AtomicUsize,
    }

    impl Database {
        fn new(token: Result<String, &'static str>) -> Arc<Self> {
            Arc::new(Self {
                token: Mutex::new(token),
                asked: AtomicUsize::new(0),
            })
        }

        fn set(&self, token: Result<String, &'static str>) {
            *self.token.lock().unwrap() = token;
        }

        fn shop(&self) -> Result<Account, &'static str> {
            let token = self.token.lock().unwrap().clone()?;
            Ok(Account::new(SHOP, token))
        }
    }

    impl TokenStore for Database {
        fn account<'a>(&'a self, id: &'a AccountId) -> TokenFuture<'a, Option<Account>> {
            Box::pin(async move { Ok(Some(self.shop()?).filter(|shop| shop.is(id))) })
        }

        fn accounts(&self) -> TokenFuture<'_, Vec<Account>> {
            self.asked.fetch_add(1, Ordering::Relaxed);
            Box::pin(async move { Ok(vec![self.shop()?]) })
        }
    }

    /// Waits until a problem that says this is reported, or none is any more.
    async fn reported(bot: &Simulated, what: &str, expected: bool) {
        until(&format!("{what} is reported: {expected}"), async || {
            let (_, problems) = bot.ready().await;
            let is_reported = problems.iter().any(|one| one.contains(what));
            (is_reported == expected)
                .then_some(())
                .ok_or(format!("{problems:?}"))
        })
        .await;
    }

    #[tokio::test]
    async fn it_is_not_asked_without_end_for_a_token_that_cannot_be_used() {
        let database = Database::new(Ok(token_of(SHOP)));
        let too_long = Profile::new().greeting("x".repeat(161));
        let bot = Bot::new(routes![echo]).profile(too_long);
        let bot = Simulated::start(bot.token_store(database.clone()), config()).await;
        reported(&bot, "the profile of", true).await;
        database.set(Ok("no\ntoken".to_owned()));
        // By then it would have been tried again.
        tokio::time::sleep(Duration::from_millis(1500)).await;
        let before = database.asked.load(Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(1500)).await;
        let asked = database.asked.load(Ordering::Relaxed) - before;
        assert!(asked < 20, "asked {asked} times");
        reported(&bot, "the profile of", false).await;
        database.set(Ok(token_of(SHOP)));
        reported(&bot, "the profile of", true).await;
    }

    #[tokio::test]
    async fn once_it_works_again_its_failure_is_not_reported_any_more() {
        let database = Database::new(Err("the database is down"));
        let bot = Bot::new(routes![echo]).token_store(database.clone());
        let bot = Simulated::start(bot, config()).await;
        reported(&bot, "nothing can be set up", true).await;
        database.set(Ok(token_of(SHOP)));
        reported(&bot, "nothing can be set up", false).await;
    }
}

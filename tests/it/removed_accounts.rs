//! A Page that the token store has no more: nothing of it stays behind.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use handover::journal::{DeadLetter, DeadLetterContent};
use handover::prelude::*;
use handover::protocol::{AccountId, EventBody};
use handover::{Account, TokenFuture, TokenStore};

use crate::support::simulated::{CAFE, SHOP, Simulated, config, token_of};
use crate::support::wait::until;

#[on_message(text = "remind me")]
async fn remind() -> Timer {
    Timer::after("reminder", Duration::from_secs(24 * 60 * 60))
}

#[on_timer(name = "reminder")]
async fn reminder() -> &'static str {
    "Here I am."
}

#[on_message(text = "fail")]
async fn fails() -> Result<&'static str, &'static str> {
    Err("not now")
}

#[on_message]
async fn echo(text: Text) -> String {
    format!("Heard: {text}")
}

/// As a database, from which rows are deleted.
#[derive(Default)]
struct Database(Mutex<Vec<Account>>);

impl Database {
    fn delete(&self, page: &str) {
        self.0.lock().unwrap().retain(|one| !one.is(&page.into()));
    }
}

impl TokenStore for Database {
    fn account<'a>(&'a self, id: &'a AccountId) -> TokenFuture<'a, Option<Account>> {
        let found = self
            .0
            .lock()
            .unwrap()
            .iter()
            .find(|one| one.is(id))
            .cloned();
        Box::pin(async move { Ok(found) })
    }

    fn accounts(&self) -> TokenFuture<'_, Vec<Account>> {
        let all = self.0.lock().unwrap().clone();
        Box::pin(async move { Ok(all) })
    }
}

async fn started(shops_token: &str) -> (Simulated, Arc<Database>) {
    let database = Arc::new(Database::default());
    database.0.lock().unwrap().extend([
        Account::new(CAFE, token_of(CAFE)),
        Account::new(SHOP, shops_token),
    ]);
    let bot = Bot::new(routes![remind, reminder, fails, echo]).token_store(database.clone());
    (Simulated::start(bot, config()).await, database)
}

fn is_timer(letter: &DeadLetter) -> bool {
    match &letter.content {
        DeadLetterContent::Event(event) => !matches!(event.event.body, EventBody::Message(_)),
        _ => false,
    }
}

#[tokio::test]
async fn it_is_not_named_and_what_waits_for_it_ends() {
    let (bot, database) = started("a token that is refused").await;
    let ana = bot.person(SHOP);
    ana.says("remind me").await.unwrap();
    let ben = bot.sim.person_on(SHOP, "Ben").unwrap();
    ben.says("fail").await.unwrap();
    ana.says("hello").await.unwrap();
    until("the shop's token is refused", async || {
        let (_, problems) = bot.ready().await;
        let named = problems.iter().any(|one| one.contains(SHOP));
        named.then_some(()).ok_or(format!("{problems:?}"))
    })
    .await;

    database.delete(SHOP);
    let removed = Instant::now();
    until("the shop is not named", async || match bot.ready().await {
        (200, problems) if problems.is_empty() => Ok(()),
        other => Err(format!("{other:?}")),
    })
    .await;
    let letters = bot.dead_letters(3).await;
    let took = removed.elapsed();
    assert!(took < Duration::from_secs(8), "{took:?}");
    for letter in &letters {
        assert_eq!(letter.thread.account, SHOP);
        assert!(letter.cause.contains("was removed"), "{letter:?}");
    }
    let calls = letters
        .iter()
        .filter(|one| matches!(one.content, DeadLetterContent::Call(_)));
    assert_eq!(calls.count(), 1, "{letters:#?}");
    assert_eq!(letters.iter().filter(|one| is_timer(one)).count(), 1);

    // Whoever still writes there is nobody's fault: it is in the log and among the dead letters.
    ana.says("anybody there?").await.unwrap();
    bot.dead_letters(4).await;
    assert_eq!(bot.ready().await, (200, Vec::new()));
    // The other one works on.
    let ben = bot.person(CAFE);
    ben.says("hello").await.unwrap();
    bot.reads(&ben, "Heard: hello").await;
}

#[tokio::test]
async fn one_that_comes_back_is_answered_again() {
    let (bot, database) = started(&token_of(SHOP)).await;
    let ana = bot.person(SHOP);
    ana.says("remind me").await.unwrap();
    ana.says("hello").await.unwrap();
    bot.reads(&ana, "Heard: hello").await;
    database.delete(SHOP);
    let letters = bot.dead_letters(1).await;
    assert!(is_timer(&letters[0]), "{letters:?}");

    let shop = Account::new(SHOP, token_of(SHOP));
    database.0.lock().unwrap().push(shop);
    until("it is answered", async || {
        ana.says("again").await.unwrap();
        let messages = ana.messages();
        let answered = messages
            .iter()
            .any(|one| one.text.as_deref() == Some("Heard: again"));
        answered.then_some(()).ok_or(format!("{messages:#?}"))
    })
    .await;
}

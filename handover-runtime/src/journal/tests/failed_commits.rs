//! What callers hold when a commit fails.

use handover_protocol::{AppId, Object, Timestamp};

use super::fixture::{
    Fixture, NOW, answered, claim_one, due, finished, in_one_commit, pass, release, says, send,
    start_one,
};
use crate::journal::{CallResult, FinishedCall, Journal, NoticeResult, Settlement};
use crate::notice::{Listeners, News, NoticeKind, Notifier};

/// Those that keep what is committed.
fn durable() -> impl Iterator<Item = Fixture> {
    let all = Fixture::both().into_iter();
    all.filter(Fixture::outlives_the_process)
}

/// Asks for this in a commit that fails, for the disk is full.
async fn without_room<T>(fixture: &Fixture, asked: impl Future<Output = T>) -> T {
    const ANOTHER: usize = 2;
    let journal = &fixture.journal;
    let event = vec![says(ANOTHER, "hello")];
    journal.append(event, 0).await.unwrap();
    let claim = claim_one(journal).await;
    let settlement = Settlement {
        calls: vec![send(ANOTHER, "hello")],
        ..Settlement::of(claim.thread, vec![claim.events[0].sequence])
    };
    fixture.refuse_calls(true);
    let settled = journal.settle(vec![settlement], release(ANOTHER));
    let (answer, settled) = in_one_commit(journal, asked, settled).await;
    settled.unwrap_err();
    fixture.refuse_calls(false);
    answer
}

/// A thread is handed over, which colleagues are to hear of.
async fn hand_over(journal: &Journal) {
    answered(journal, 1, "a", vec![pass(1)]).await;
    let call = start_one(journal, NOW).await.unwrap();
    let chat = Notifier::slack("https://chat.example.com/hook");
    let news = News {
        kind: NoticeKind::HandedOver,
        app: Some(AppId::PAGE_INBOX),
        since: None,
        note: None,
    };
    let passed = FinishedCall {
        listeners: Listeners::of([&chat]).in_product(&Object::Page),
        news: Some(Box::new(news)),
        ..finished(call.id, 1, CallResult::Sent).remove(0)
    };
    journal.finish_calls(vec![passed]).await.unwrap();
}

#[tokio::test]
async fn a_notice_that_could_not_be_handed_out_is_handed_out_later() {
    for fixture in durable() {
        let journal = &fixture.journal;
        hand_over(journal).await;
        let refused = without_room(&fixture, journal.start_notices(NOW, 9)).await;
        refused.unwrap_err();
        let started = journal.start_notices(NOW, 9).await.unwrap();
        assert_eq!(started.items.len(), 1, "{}", fixture.name());
    }
}

#[tokio::test]
async fn a_notice_is_not_delivered_twice_because_its_result_could_not_be_stored() {
    for fixture in durable() {
        let journal = &fixture.journal;
        hand_over(journal).await;
        let mut started = journal.start_notices(NOW, 9).await.unwrap().items;
        let id = started.remove(0).id;
        let delivered = || journal.finish_notice(id, NoticeResult::Delivered, NOW);
        without_room(&fixture, delivered()).await.unwrap_err();
        let again = journal.start_notices(NOW, 9).await.unwrap().items;
        assert!(again.is_empty(), "{}: {again:?}", fixture.name());
        // As the outbox does, which tries until it is stored.
        delivered().await.unwrap();
        assert_eq!(journal.backlog().await.unwrap().notices, 0);
    }
}

/// Its result is stored by the commit that hands it out again.
#[tokio::test]
async fn a_call_is_not_handed_out_twice_because_another_commit_fails() {
    for fixture in durable() {
        let journal = &fixture.journal;
        answered(journal, 1, "a", vec![send(1, "hello")]).await;
        let call = start_one(journal, NOW).await.unwrap();
        let put_off = finished(call.id, 1, CallResult::PutOff(NOW));
        let (again, stored) = in_one_commit(
            journal,
            journal.start_calls(due(1)),
            journal.finish_calls(put_off),
        )
        .await;
        stored.unwrap();
        assert_eq!(again.unwrap().items.len(), 1, "{}", fixture.name());
        let started = without_room(&fixture, journal.start_calls(due(9))).await;
        started.unwrap_err();
        let third = start_one(journal, Timestamp::MAX).await;
        assert!(third.is_none(), "{}: {third:?}", fixture.name());
        let sent = finished(call.id, 1, CallResult::Sent);
        journal.finish_calls(sent).await.unwrap();
        assert_eq!(journal.backlog().await.unwrap().calls, 0);
    }
}

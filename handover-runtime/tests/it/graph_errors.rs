//! Errors of the Graph client: their kinds, their advice, and what they never show.
use std::error::Error;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::Duration;

use crate::client::{Client, PAGE, PERSON, TOKEN};
use handover_protocol::PersonId;
use handover_runtime::graph::Advice::{self, GiveUp, RenewToken, Retry, RetryLater};
use handover_runtime::graph::{Graph, GraphError, GraphSettings};
use handover_testkit::graph::{GraphStub, Response};
use serde_json::json;
use tokio::net::TcpSocket;

fn person() -> PersonId {
    PersonId::from(PERSON)
}

async fn send(graph: &Graph) -> GraphError {
    graph.send(&person()).text("Hello").await.unwrap_err()
}

/// The error that the client makes of an error of the platform.
async fn refused(stub: &GraphStub, status: u16, code: i64, subcode: Option<i64>) -> GraphError {
    let mut error = json!({"message": "no", "type": "OAuthException", "code": code});
    if let Some(subcode) = subcode {
        error["error_subcode"] = subcode.into();
    }
    stub.always(status, json!({ "error": error }).to_string());
    send(&stub.graph()).await
}

/// The rows of the platform's table: code, its subcodes (0: none), and what to do.
const ROWS: &[(i64, &[i64], Advice)] = &[
    (-1, &[0, 2_018_012], Retry),
    (1, &[0, 99], Retry),
    (1, &[1_357_046, 2_018_382], GiveUp),
    (2, &[0], Retry),
    (2, &[2_018_344], GiveUp),
    (3, &[0], GiveUp),
    (4, &[0, 2_018_354], RetryLater),
    (9, &[2_018_352], RetryLater),
    (10, &[0, 1_404_170, 1_893_015], GiveUp),
    (10, &[1_893_063], RetryLater),
    (10, &[2_018_065, 2_018_278, 2_534_022], GiveUp),
    (10, &[2_018_108, 2_018_300, 2_018_336, 2_534_077], GiveUp),
    (17, &[0], RetryLater),
    (32, &[0], RetryLater),
    (27, &[0, 2_534_118], GiveUp),
    (100, &[0, 33, 2_018_001, 2_534_014], GiveUp),
    (100, &[2_018_008, 2_018_294], Retry),
    (100, &[2_018_014, 2_018_047, 2_018_074, 2_018_109], GiveUp),
    (100, &[2_018_164, 2_018_320, 2_018_328], GiveUp),
    (100, &[2_534_013, 2_534_015, 2_534_025, 2_534_029], GiveUp),
    (100, &[2_534_037], GiveUp),
    (102, &[0], RenewToken),
    (190, &[0, 458, 459, 460, 463, 464, 467, 492], RenewToken),
    (200, &[0, 1_545_041, 2_018_021, 2_018_027], GiveUp),
    (200, &[2_018_028, 2_534_041], GiveUp),
    (230, &[0], GiveUp),
    (299, &[0], GiveUp),
    (341, &[0], RetryLater),
    (368, &[0], RetryLater),
    (506, &[0], GiveUp),
    (551, &[0, 1_545_041], GiveUp),
    (613, &[0, 1996, 2_534_040], RetryLater),
    (613, &[1_893_016, 2_018_338], GiveUp),
    (1200, &[0, 2_018_024], Retry),
    (2022, &[0], GiveUp),
    (10_303, &[0], GiveUp),
    (24_001, &[0], GiveUp),
    (24_002, &[0], GiveUp),
    (24_005, &[0], GiveUp),
    (36_103, &[0], GiveUp),
    (80_001, &[0], RetryLater),
    (80_002, &[0], RetryLater),
    (80_006, &[0], RetryLater),
    (9_000_001, &[0], GiveUp),
    (100, &[2_018_144, 2_018_154, 2_018_163, 2_018_166], GiveUp),
    (100, &[2_071_010], GiveUp),
    (100, &[2_018_171, 2_018_234, 2_018_218, 2_018_247], GiveUp),
    (10, &[2_018_321], RetryLater),
    (100, &[2_018_389, 2_018_396], GiveUp),
];

#[tokio::test]
async fn every_row_of_the_table() {
    let stub = GraphStub::answering("").await;
    for (code, subcodes, advice) in ROWS {
        for subcode in *subcodes {
            // With 500 a row that is missing in the table would say "retry", with 400 "give up".
            for status in [400, 500] {
                let subcode = Some(*subcode).filter(|subcode| *subcode != 0);
                let error = refused(&stub, status, *code, subcode).await;
                assert_eq!(error.advice(), *advice, "{error}");
                assert!(error.to_string().contains("; "), "no remedy: {error}");
            }
        }
    }
}

#[tokio::test]
async fn what_is_printed_without_a_code_is_accepted_in_its_place() {
    let stub = GraphStub::answering("").await;
    for (_, subcodes, advice) in ROWS {
        for subcode in subcodes.iter().filter(|subcode| **subcode > 100_000) {
            let error = refused(&stub, 400, *subcode, None).await;
            assert_eq!(error.advice(), *advice, "{error}");
        }
    }
    assert!(refused(&stub, 400, 2_018_300, None).await.is_not_owner());
    assert!(
        refused(&stub, 400, 2_018_278, None)
            .await
            .is_outside_window()
    );
}

#[tokio::test]
async fn an_unknown_code_goes_by_too_many_calls_is_transient_and_then_by_status() {
    let stub = GraphStub::answering("").await;
    for (status, is_transient, advice) in [
        (400, Some(true), Retry),
        (500, Some(false), GiveUp),
        (400, None, GiveUp),
        (429, None, RetryLater),
        (429, Some(true), RetryLater),
        (429, Some(false), RetryLater),
        (503, None, Retry),
    ] {
        let mut body = json!({"error": {"message": "new", "code": 77_777}});
        if let Some(is_transient) = is_transient {
            body["error"]["is_transient"] = is_transient.into();
        }
        stub.always(status, body.to_string());
        assert_eq!(
            send(&stub.graph()).await.advice(),
            advice,
            "{body} {status}"
        );
    }
}

#[tokio::test]
async fn what_is_transient_is_worth_another_try_whatever_the_code_says() {
    let stub = GraphStub::answering("").await;
    for (code, advice) in [
        (100, Retry),
        (10, Retry),
        (190, Retry),
        (2, Retry),
        (4, RetryLater),
    ] {
        let error = json!({"message": "?", "code": code, "is_transient": true});
        stub.always(400, json!({ "error": error }).to_string());
        assert_eq!(send(&stub.graph()).await.advice(), advice, "{code}");
    }
}

#[tokio::test]
async fn code_10_is_distinguished_by_its_subcode() {
    let stub = GraphStub::answering("").await;
    let questions = |error: &GraphError| {
        (
            error.is_not_owner(),
            error.is_outside_window(),
            error.is_token_invalid(),
        )
    };
    for (code, subcode, answers) in [
        (10, Some(2_018_300), (true, false, false)),
        (100, Some(2_534_037), (true, false, false)),
        (10, Some(2_018_278), (false, true, false)),
        (10, Some(2_534_022), (false, true, false)),
        (10, Some(2_018_065), (false, true, false)),
        (10, None, (false, false, false)),
        (190, Some(463), (false, false, true)),
    ] {
        let error = refused(&stub, 400, code, subcode).await;
        assert_eq!(questions(&error), answers, "{error}");
        assert!(!error.may_have_been_delivered(), "{error}");
    }
    let batch = refused(&stub, 500, 1, Some(1_357_046)).await;
    assert!(batch.may_have_been_delivered());
}

#[tokio::test]
async fn a_refusal_shows_everything_and_what_to_do() {
    let stub = GraphStub::answering(Response {
        status: 400,
        headers: Vec::new(),
        body: r#"{"error":{"message":"(#10) Another app is controlling this thread","type":"OAuthException","code":10,"error_subcode":2018300,"is_transient":false,"error_user_msg":"Try later","fbtrace_id":"AbC"}}"#.into(),
    })
    .await;

    let error = send(&stub.graph()).await;

    let GraphError::Refused {
        status,
        code,
        subcode,
        kind,
        fbtrace_id,
        is_transient,
        ..
    } = &error
    else {
        panic!("{error:?}")
    };
    assert_eq!((*status, *code, *subcode), (400, 10, Some(2_018_300)));
    assert_eq!(kind.as_deref(), Some("OAuthException"));
    assert_eq!(fbtrace_id.as_deref(), Some("AbC"));
    assert_eq!(*is_transient, Some(false));
    assert_eq!(
        error.to_string(),
        "messages was refused: (#10) Another app is controlling this thread: Try later \
         (code 10, subcode 2018300, HTTP 400, fbtrace_id AbC); \
         another app owns the thread: take control, or wait until it is passed back, and send then"
    );
}

#[tokio::test]
async fn an_error_with_status_200_is_an_error() {
    let stub = GraphStub::answering("").await;
    let error = refused(&stub, 200, 190, None).await;
    assert!(error.is_token_invalid(), "{error:?}");
}

#[tokio::test]
async fn answers_that_are_not_of_the_graph_api() {
    let stub = GraphStub::answering("").await;
    let page = "<html>Bad gateway</html>";
    let long = "x".repeat(1024 * 1024 + 1);
    for (status, body, advice, delivered) in [
        (502, page, Retry, true),
        (502, "", Retry, true),
        (500, r#"{"error":"broken"}"#, Retry, true),
        (404, page, GiveUp, false),
        (429, page, RetryLater, false),
        (200, page, GiveUp, true),
        (200, "[]", GiveUp, true),
        (200, &long, GiveUp, true),
    ] {
        stub.always(status, body);
        let error = send(&stub.graph()).await;
        let GraphError::Unreadable {
            status: found,
            excerpt,
            ..
        } = &error
        else {
            panic!("{error:?}")
        };
        assert_eq!(*found, status);
        assert_eq!(*excerpt, body.chars().take(200).collect::<String>());
        assert_eq!(error.advice(), advice, "{error}");
        assert_eq!(error.may_have_been_delivered(), delivered, "{error}");
    }
}

#[tokio::test]
async fn what_people_said_is_not_shown() {
    let cut_off = r#"{"data":[{"from":{"name":"Ana"},"message":"I live in"#;
    let stub = GraphStub::answering(cut_off).await;
    let graph = stub.graph();
    for error in [
        graph.conversations().await.unwrap_err(),
        graph.conversation("t_1").await.unwrap_err(),
        graph.message("m_1").await.unwrap_err(),
    ] {
        assert!(matches!(error, GraphError::Unreadable { .. }), "{error:?}");
        let texts = all_texts(&error);
        assert!(
            !texts.contains("Ana") && !texts.contains("I live"),
            "{texts}"
        );
    }
}

#[tokio::test]
async fn of_a_list_that_is_too_long_less_is_to_be_asked_for() {
    let stub = GraphStub::answering("x".repeat(1024 * 1024 + 1)).await;
    let error = stub.graph().conversations().await.unwrap_err().to_string();
    let says = "conversations: the answer (HTTP 200) is longer than 1 MiB; ask for fewer rows";
    assert!(error.starts_with(says), "{error}");
}

#[tokio::test]
async fn a_large_answer_within_the_limit_is_read() {
    let padding = "x".repeat(1024 * 1024 - 100);
    let stub =
        GraphStub::answering(json!({"message_id": "m_1", "padding": padding}).to_string()).await;
    let sent = stub.graph().send(&person()).text("Hello").await.unwrap();
    assert_eq!(sent.message_id.as_deref(), Some("m_1"));
}

/// A server that reads a request, answers this and hangs up.
fn hanging_up_after(answer: &'static str) -> GraphSettings {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let _ = connection.read(&mut [0; 4096]).unwrap();
        connection.write_all(answer.as_bytes()).unwrap();
    });
    at(&format!("http://{address}"))
}

fn at(url: &str) -> GraphSettings {
    GraphSettings::new(PAGE, TOKEN)
        .base_url(url.parse().unwrap())
        .appsecret_proof_key("the app secret")
}

/// An address that refuses connections: its port is taken as long as the socket is kept, and nobody
/// listens there.
fn refusing() -> (TcpSocket, GraphSettings) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
    let address = socket.local_addr().unwrap();
    (socket, at(&format!("http://{address}")))
}

#[tokio::test]
async fn a_truncated_answer_may_have_been_delivered() {
    for answer in [
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"recipient_id\"",
        "HTTP/1.1 200",
        "",
    ] {
        let error = send(&Graph::new(hanging_up_after(answer)).unwrap()).await;
        assert!(
            matches!(error, GraphError::Interrupted { .. }),
            "{answer:?}: {error:?}"
        );
        assert!(error.may_have_been_delivered());
        assert_eq!(error.advice(), Retry);
    }
}

#[tokio::test]
async fn a_slow_answer_may_have_been_delivered() {
    // Accepts connections, by its backlog, and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let graph = Graph::new(
        at(&format!("http://{}", silent.local_addr().unwrap())).timeout(Duration::from_millis(100)),
    )
    .unwrap();

    let error = send(&graph).await;

    assert!(matches!(error, GraphError::Interrupted { .. }), "{error:?}");
    assert!(error.may_have_been_delivered());
}

#[tokio::test]
async fn a_refused_connection_delivered_nothing() {
    let (_taken, refusing) = refusing();
    let error = send(&Graph::new(refusing).unwrap()).await;

    assert!(matches!(error, GraphError::Unreachable { .. }), "{error:?}");
    assert!(!error.may_have_been_delivered());
    assert_eq!(error.advice(), Retry);
}

/// Everything that a log could print of an error.
fn all_texts(error: &dyn Error) -> String {
    let mut texts = format!("{error} {error:?} {error:#?}");
    let mut source = error.source();
    while let Some(error) = source {
        texts += &format!(" {error} {error:?} {error:#?}");
        source = error.source();
    }
    texts
}

#[tokio::test]
async fn no_text_shows_a_secret_or_an_address_with_a_query() {
    let stub = GraphStub::answering("{}").await;
    let settings = || stub.settings().appsecret_proof_key("the app secret");
    let graph = Graph::new(settings()).unwrap();
    graph
        .sender_action(&person(), handover_protocol::SenderAction::TypingOn)
        .await
        .unwrap();
    let query = stub.only_request().uri.query().unwrap().to_owned();
    let proof = query.strip_prefix("appsecret_proof=").unwrap();

    let mut texts = format!("{:?} {:#?} {graph:?} {graph:#?}", settings(), settings());
    for body in [
        json!({"error": {
            "message": format!("Malformed access token {TOKEN}"),
            "error_user_msg": format!("Invalid proof {proof}"),
            "type": TOKEN,
            "fbtrace_id": TOKEN,
            "code": 190,
        }})
        .to_string(),
        format!("<html>{proof} {TOKEN}</html>"),
    ] {
        stub.always(400, body);
        let error = send(&graph).await;
        assert!(error.to_string().contains("[secret]"), "{error}");
        texts += &all_texts(&error);
    }
    let (_taken, refusing) = refusing();
    for settings in [
        refusing,
        hanging_up_after(""),
        hanging_up_after("HTTP/1.1 200"),
    ] {
        texts += &all_texts(&send(&Graph::new(settings).unwrap()).await);
    }
    let mut unprintable = settings();
    unprintable.access_token = format!("{TOKEN}\n").into();
    texts += &all_texts(&Graph::new(unprintable).unwrap_err());

    for secret in [TOKEN, proof, "the app secret", "appsecret_proof="] {
        assert!(!texts.contains(secret), "{secret} in {texts}");
    }
}

#[tokio::test]
async fn no_text_shows_who_people_are_or_what_they_said() {
    let stub = GraphStub::answering("").await;
    let graph = stub.graph();
    // As of a proxy that cuts it off.
    stub.always(200, r#"[{"code": 200, "body": "{\"first_name\": \"Ann"#);
    let batch = graph.batch().user_profile(&person()).await.unwrap_err();
    stub.always(200, r#"{"first_name": "Ann"#);
    let profile = graph.user_profile(&person()).await.unwrap_err();
    stub.always(200, r#"{"message": "it is me, Ann"#);
    let message = graph.message("m_1").await.unwrap_err();
    for (error, instead) in [
        (batch, "[secret]"),
        (profile, "[withheld]"),
        (message, "[withheld]"),
    ] {
        assert!(error.to_string().contains(instead), "{error}");
        let texts = all_texts(&error);
        assert!(!texts.contains("Ann"), "{texts}");
    }
}

#[tokio::test]
async fn headers_say_how_long_to_wait() {
    let usage = |minutes: &str| {
        format!(
            r#"{{"1744550565845823":[{{"type":"messenger","call_count":100,"estimated_time_to_regain_access":{minutes}}}]}}"#
        )
    };
    let twice = r#"{"7":[{"estimated_time_to_regain_access":9}],"7":[{"estimated_time_to_regain_access": 2}]}"#;
    let minutes = |minutes: u64| Some(Duration::from_secs(minutes * 60));
    let day = Some(Duration::from_secs(86_400));
    let cases = [
        (vec![], None),
        (
            vec![("retry-after", "30".to_owned())],
            Some(Duration::from_secs(30)),
        ),
        (vec![("retry-after", "0".to_owned())], None),
        (
            vec![("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT".to_owned())],
            None,
        ),
        (vec![("retry-after", "-1".to_owned())], None),
        (vec![("retry-after", u64::MAX.to_string())], day),
        (
            vec![("x-business-use-case-usage", usage("12"))],
            minutes(12),
        ),
        (vec![("x-business-use-case-usage", usage("0"))], None),
        (vec![("x-business-use-case-usage", usage("null"))], None),
        (
            vec![("x-business-use-case-usage", usage(&u64::MAX.to_string()))],
            day,
        ),
        (
            vec![("x-business-use-case-usage", twice.to_owned())],
            minutes(9),
        ),
        (
            vec![(
                "x-business-use-case-usage",
                r#"{"estimated_time_to_regain_access""#.to_owned(),
            )],
            None,
        ),
        (
            vec![(
                "x-app-usage",
                r#"{"call_count":100,"estimated_time_to_regain_access":5}"#.to_owned(),
            )],
            minutes(5),
        ),
        (
            vec![(
                "x-page-usage",
                r#"{"call_count":28,"total_time":25}"#.to_owned(),
            )],
            None,
        ),
        (
            vec![
                ("retry-after", "30".to_owned()),
                ("x-business-use-case-usage", usage("1")),
            ],
            minutes(1),
        ),
    ];
    for (headers, expected) in cases {
        for body in [
            r#"{"error":{"message":"slow down","code":80006}}"#,
            "<html>",
        ] {
            let stub = GraphStub::answering(Response {
                status: 429,
                headers: headers.clone(),
                body: body.into(),
            })
            .await;
            let error = send(&stub.graph()).await;
            assert_eq!(error.retry_after(), expected, "{headers:?}");
            assert_eq!(error.advice(), RetryLater);
        }
    }
}

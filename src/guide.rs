//! The pages of the guide that have snippets; they are compiled with the documentation's.

macro_rules! pages {
    ($($name:ident = $page:literal;)*) => {$(
        #[doc = include_str!(concat!("../docs/guide/src/", $page))]
        struct $name;
    )*};
}

pages! {
    Start = "start.md";
    ThreadControl = "concepts/thread-control.md";
    Standby = "concepts/standby.md";
    Routing = "concepts/routing.md";
    Journal = "concepts/journal.md";
    SpeakFirst = "recipes/speak-first.md";
    Privacy = "concepts/privacy.md";
    Pause = "recipes/pause.md";
    History = "recipes/history.md";
    Return = "recipes/return.md";
    Notices = "recipes/notices.md";
    OfficeHours = "recipes/office-hours.md";
    Slow = "recipes/slow.md";
    LanguageModels = "recipes/language-models.md";
    Pages = "recipes/pages.md";
    Tenants = "recipes/tenants.md";
    Comments = "recipes/comments.md";
    Testing = "recipes/testing.md";
    Meta = "deploy/meta.md";
    Bottender = "moving/bottender.md";
    Botkit = "moving/botkit.md";
    Russenger = "moving/russenger.md";
    Webhooks = "moving/webhooks.md";
    Attributes = "reference/attributes.md";
}

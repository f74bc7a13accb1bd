use handover_protocol::{
    Author, CommentedMedia, EventBody, Feed, InstagramComment, PersonId, Timestamp,
};

use super::super::contact::ContactKey;
use super::super::thread_tx::ThreadTx;
use super::super::{ActionError, Platform, Product, Step};

impl Platform {
    /// The person comments on a post of the account, on Instagram on a media object. Returns the
    /// comment id, to which apps can send a private reply.
    pub fn comment(
        &mut self,
        person: &PersonId,
        text: &str,
        now: Timestamp,
    ) -> Result<Step<String>, ActionError> {
        let write = |tx: &mut ThreadTx<'_>| {
            let author = tx.author();
            Ok(tx.comment(text, author, None))
        };
        self.in_public(person, text, write, ContactKey::Comment, now)
    }

    /// The person comments on a post that is boosted as an ad. Instagram sends the comment twice
    /// with the same id, the second time with the ad. Returns the comment id.
    pub fn comment_on_ad(
        &mut self,
        person: &PersonId,
        text: &str,
        now: Timestamp,
    ) -> Result<Step<String>, ActionError> {
        let write = |tx: &mut ThreadTx<'_>| {
            if tx.account.product != Product::Instagram {
                return Err(ActionError::NoCommentsOnAds);
            }
            let author = tx.author();
            let (id, first) = tx.comment(text, author, None);
            let again = tx.on_an_ad(&first);
            tx.announce_to_all(first);
            Ok((id, again))
        };
        self.in_public(person, text, write, ContactKey::Comment, now)
    }

    /// The account writes a public comment, below a comment, a post, or by default a new post. Apps
    /// get the same webhook as for other comments. Returns the comment id.
    pub fn account_comments(
        &mut self,
        person: &PersonId,
        text: &str,
        below: Option<&str>,
        now: Timestamp,
    ) -> Result<Step<String>, ActionError> {
        let mut tx = self.begin_for_person(person, now)?;
        if text.trim().is_empty() {
            return Err(ActionError::Empty);
        }
        let name = Some(tx.account.name.clone());
        let (name, username) = match tx.account.product {
            Product::Messenger => (name, None),
            Product::Instagram => (None, name),
        };
        let account = Author {
            id: Some(tx.account.id.to_string()),
            name,
            username,
            ..Author::default()
        };
        let (id, body) = tx.comment(text, account, below);
        tx.announce_to_all(body);
        Ok(tx.commit(id))
    }

    /// The person posts on the Page. Returns the post id, to which apps can send a private reply.
    pub fn post(
        &mut self,
        person: &PersonId,
        text: &str,
        now: Timestamp,
    ) -> Result<Step<String>, ActionError> {
        let write = |tx: &mut ThreadTx<'_>| {
            if tx.account.product != Product::Messenger {
                return Err(ActionError::NoPosts);
            }
            let number = tx.ids.number();
            let id = tx.id_of_post(&number);
            let author = tx.author();
            let post = Feed {
                post_id: Some(id.clone()),
                ..tx.on_the_page("post", text, author)
            };
            Ok((id, EventBody::Feed(post)))
        };
        self.in_public(person, text, write, ContactKey::Post, now)
    }

    /// Sends the event to all apps and makes its id a recipient of private replies.
    fn in_public(
        &mut self,
        person: &PersonId,
        text: &str,
        write: impl FnOnce(&mut ThreadTx<'_>) -> Result<(String, EventBody), ActionError>,
        key: impl FnOnce(String) -> ContactKey,
        now: Timestamp,
    ) -> Result<Step<String>, ActionError> {
        let mut tx = self.begin_for_person(person, now)?;
        if text.trim().is_empty() {
            return Err(ActionError::Empty);
        }
        let (id, body) = write(&mut tx)?;
        tx.announce_to_all(body);
        let step = tx.commit(id.clone());
        self.reachable(person, key(id), now)?;
        Ok(step)
    }
}

impl ThreadTx<'_> {
    fn id_of_post(&self, number: &str) -> String {
        format!("{}_{number}", self.account.id)
    }

    /// Creates a comment below another comment, a post, or by default a new post.
    fn comment(&mut self, text: &str, author: Author, below: Option<&str>) -> (String, EventBody) {
        let [post, number] = [(); 2].map(|()| self.ids.number());
        match self.account.product {
            Product::Messenger => {
                let id = format!("{post}_{number}");
                let post = self.id_of_post(&post);
                let comment = Feed {
                    comment_id: Some(id.clone()),
                    parent_id: Some(below.unwrap_or(&post).to_owned()),
                    post_id: Some(post),
                    ..self.on_the_page("comment", text, author)
                };
                (id, EventBody::Feed(comment))
            }
            Product::Instagram => {
                let comment = InstagramComment {
                    id: Some(number.clone()),
                    text: Some(text.to_owned()),
                    from: Some(author),
                    parent_id: below.map(str::to_owned),
                    media: Some(CommentedMedia {
                        id: Some(post),
                        media_product_type: Some("FEED".to_owned()),
                        ..CommentedMedia::default()
                    }),
                    ..InstagramComment::default()
                };
                (number, EventBody::Comments(comment))
            }
        }
    }

    /// Returns the comment in the form that Instagram sends for an ad.
    fn on_an_ad(&mut self, comment: &EventBody) -> EventBody {
        let mut comment = comment.clone();
        let [media, ad] = [(); 2].map(|()| self.ids.number());
        if let EventBody::Comments(comment) = &mut comment
            && let Some(of) = &mut comment.media
        {
            let post = of.id.replace(media);
            of.media_product_type = Some("AD".to_owned());
            of.extra.insert("ad_id".to_owned(), ad.into());
            of.extra
                .insert("ad_title".to_owned(), "Boosted post".into());
            of.extra.insert("original_media_id".to_owned(), post.into());
        }
        comment
    }

    /// Creates a `feed` change of the Page.
    fn on_the_page(&mut self, item: &str, text: &str, author: Author) -> Feed {
        Feed {
            item: Some(item.to_owned()),
            verb: Some("add".to_owned()),
            from: Some(author),
            message: Some(text.to_owned()),
            created_time: Some(Timestamp::from_secs(self.now.as_millis() / 1000)),
            ..Feed::default()
        }
    }

    /// Public author of a comment or post. The id is not the page-scoped id.
    fn author(&mut self) -> Author {
        let name = Some(self.thread.name.clone());
        let (name, username) = match self.account.product {
            Product::Messenger => (name, None),
            Product::Instagram => (None, name),
        };
        Author {
            id: Some(self.ids.number()),
            name,
            username,
            ..Author::default()
        }
    }
}

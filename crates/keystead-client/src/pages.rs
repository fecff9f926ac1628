use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use keystead_api::{Operation, operations};

use crate::client::Client;
use crate::error::Error;

/// An operation whose answer comes in pages.
pub trait Paged: Operation<Request: Clone + Sync + 'static, Response: 'static> {
    /// Turns a request for a page into one for the next; `false` when that page was the last.
    fn turn(request: &mut Self::Request, page: &Self::Response) -> bool;
}

macro_rules! numbered {
    ($($name:ident),*) => {
        $(impl Paged for operations::$name {
            fn turn(request: &mut Self::Request, page: &Self::Response) -> bool {
                let number = |number: Option<i64>| number.unwrap_or_default();
                let total = number(page.total_count.into());
                let at = number(page.page_number.into()).max(1);
                let seen = at.saturating_mul(number(page.page_size.into()));
                request.page_number = Some(at + 1);
                seen > 0 && seen < total
            }
        })*
    };
}

numbered!(
    ListAliases,
    ListAliasesByKeyId,
    ListApplicationAccessPoints,
    ListKeyVersions,
    ListKeys,
    ListKmsInstances,
    ListManagedDataKeyVersions,
    ListNetworkRules,
    ListPolicies,
    ListSecretVersionIds,
    ListSecrets
);

impl Paged for operations::ListTagResources {
    fn turn(request: &mut Self::Request, page: &Self::Response) -> bool {
        request.next_token.clone_from(&page.next_token);
        page.next_token.as_ref().is_some_and(|token| !token.is_empty())
    }
}

/// The pages of an answer, each asked for when it is wanted; from [`Client::pages`].
///
/// What is made or removed meanwhile may be missing or stand there twice: pages have numbers and no marks.
pub struct Pages<O: Paged> {
    client: Client,
    /// For the next page; none when there is no other.
    request: Option<O::Request>,
}

impl<O: Paged> Pages<O> {
    /// The next page; none after the last.
    ///
    /// # Errors
    /// As [`Client::call`]. The same page is asked for the next time.
    pub async fn next(&mut self) -> Result<Option<O::Response>, Error> {
        let Some(request) = &mut self.request else { return Ok(None) };
        let page = self.client.call::<O>(request).await?;
        if !O::turn(request, &page) {
            self.request = None;
        }
        Ok(Some(page))
    }

    /// The pages as a stream, which ends with the last page or the first error.
    pub fn into_stream(self) -> PageStream<O> {
        PageStream { under_way: Some(Box::pin(step(self))) }
    }
}

impl<O: Paged> fmt::Debug for Pages<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages")
            .field("operation", &O::DEF.name)
            .field("more", &self.request.is_some())
            .finish()
    }
}

type Step<O> = (Option<Result<<O as Operation>::Response, Error>>, Option<Pages<O>>);

async fn step<O: Paged>(mut pages: Pages<O>) -> Step<O> {
    match pages.next().await {
        Ok(Some(page)) => (Some(Ok(page)), Some(pages)),
        Ok(None) => (None, None),
        Err(error) => (Some(Err(error)), None),
    }
}

/// A stream of pages; from [`Pages::into_stream`].
pub struct PageStream<O: Paged> {
    under_way: Option<Pin<Box<dyn Future<Output = Step<O>> + Send>>>,
}

impl<O: Paged> Stream for PageStream<O> {
    type Item = Result<O::Response, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(under_way) = &mut self.under_way else { return Poll::Ready(None) };
        let (page, pages) = ready!(under_way.as_mut().poll(context));
        self.under_way = pages.map(|pages| Box::pin(step(pages)) as _);
        Poll::Ready(page)
    }
}

impl<O: Paged> fmt::Debug for PageStream<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PageStream").field("operation", &O::DEF.name).finish_non_exhaustive()
    }
}

impl Client {
    /// The pages of an operation that lists: begins with the page that the request names.
    ///
    /// ```no_run
    /// # async fn example(client: keystead_client::Client) -> Result<(), keystead_client::Error> {
    /// use keystead_client::operations::{ListKeys, ListKeysRequest};
    ///
    /// let mut pages = client.pages::<ListKeys>(ListKeysRequest::new().page_size(100));
    /// while let Some(page) = pages.next().await? {
    ///     println!("{} keys", page.keys.key.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn pages<O: Paged>(&self, request: O::Request) -> Pages<O> {
        Pages { client: self.clone(), request: Some(request) }
    }
}

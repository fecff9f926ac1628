//! Mode `External`: a command that prints credentials.

use std::time::Duration;

use serde::Deserialize;

use crate::credentials::providers::answer::{Hidden, Token, expiration, json, keys};
use crate::credentials::providers::effects::{BoxFuture, Effects};
use crate::credentials::providers::error::{Fault, ProviderError};
use crate::credentials::providers::source::{Fetched, Source};

/// The official libraries' limit for the command.
const LIMIT: Duration = Duration::from_secs(60);

/// The official libraries renew these keys later than others: 3 minutes before their end.
const LEAD: Duration = Duration::from_secs(180);

pub(super) struct External {
    /// The command line, which may hold a secret. It is split as a shell splits words; no shell runs it.
    pub(super) command: Hidden,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Output {
    mode: Option<String>,
    access_key_id: Option<String>,
    access_key_secret: Option<Hidden>,
    sts_token: Option<Hidden>,
    expiration: Option<String>,
}

impl External {
    async fn run(&self, effects: &Effects) -> Result<Fetched, Fault> {
        let words = shlex::split(self.command.expose()).filter(|words| !words.is_empty());
        let words = words.ok_or_else(|| Fault::Setting("process_command is no command line".to_owned()))?;
        let output = effects.process.run(&words, LIMIT).await?;
        let what = "the output of process_command";
        let output: Output = json(what, &output)?;
        let token = match output.mode.as_deref() {
            Some("StsToken") => Token::Needed(output.sts_token),
            _ => Token::Optional(output.sts_token),
        };
        let credentials = keys(what, output.access_key_id, output.access_key_secret, token)?;
        let text = output.expiration.filter(|text| !text.is_empty());
        let end = text.map(|text| expiration(what, Some(&text))).transpose()?;
        let mut fetched = Fetched::new(self.name(), credentials, end);
        fetched.lead = LEAD;
        Ok(fetched)
    }
}

impl Source for External {
    fn name(&self) -> &str {
        "external"
    }

    fn fetch<'a>(&'a self, effects: &'a Effects) -> BoxFuture<'a, Result<Fetched, ProviderError>> {
        Box::pin(async { self.run(effects).await.map_err(|fault| ProviderError::new(self.name(), fault)) })
    }
}

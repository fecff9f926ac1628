//! Claims in the query: V1, and requests without any signature.

use super::header::single;
use super::{Claim, Place, Presented};
use crate::algorithm::Algorithm;
use crate::date::parse_date;
use crate::error::AuthError;
use crate::headers::Headers;
use crate::request::RequestView;

/// The parameters V1 is about.
#[derive(Default)]
pub(super) struct Fields<'a> {
    action: Option<&'a str>,
    version: Option<&'a str>,
    format: Option<&'a str>,
    access_key_id: Option<&'a str>,
    security_token: Option<&'a str>,
    signature: Option<&'a str>,
    method: Option<&'a str>,
    signature_version: Option<&'a str>,
    kind: Option<&'a str>,
    nonce: Option<&'a str>,
    timestamp: Option<&'a str>,
    bearer: Option<&'a str>,
    /// A parameter given twice, or in the form body too.
    repeated: Option<&'static str>,
}

impl<'a> Fields<'a> {
    pub(super) fn collect(view: &RequestView<'a>) -> Self {
        let mut fields = Self::default();
        for (name, value) in view.query {
            if let Some((name, slot)) = fields.slot(name)
                && slot.replace(value.as_ref()).is_some()
            {
                fields.repeated = Some(name);
            }
        }
        for (name, _) in view.form {
            if let Some((name, slot)) = fields.slot(name)
                && slot.is_some()
            {
                fields.repeated = Some(name);
            }
        }
        fields
    }

    pub(super) fn asks_for_bearer(&self) -> bool {
        self.bearer.is_some() || self.kind.is_some_and(|kind| kind.eq_ignore_ascii_case("BEARERTOKEN"))
    }

    pub(super) fn is_signed(&self) -> bool {
        self.signature.is_some() || self.method.is_some() || self.access_key_id.is_some()
    }

    /// Nothing of an anonymous request is proven, so its action may come from either place, but not two from both.
    pub(super) fn anonymous(&self, headers: &Headers<'a>) -> Result<Presented<'a>, AuthError> {
        self.refuse_repeated()?;
        Ok(Presented::Anonymous {
            action: agree(self.action, single(headers, "x-acs-action")?, "Action")?,
            version: agree(self.version, single(headers, "x-acs-version")?, "Version")?,
            format: self.format,
        })
    }

    pub(super) fn claim(
        &self,
        view: &RequestView<'a>,
        headers: &Headers<'a>,
    ) -> Result<Claim<'a>, AuthError> {
        self.refuse_repeated()?;
        let filled = |field: Option<&'a str>, name| {
            field.filter(|value| !value.is_empty()).ok_or(AuthError::Missing(name))
        };
        let access_key_id = filled(self.access_key_id, "AccessKeyId")?;
        let method = filled(self.method, "SignatureMethod")?;
        let signature = filled(self.signature, "Signature")?;
        let nonce = filled(self.nonce, "SignatureNonce")?;
        let date = filled(self.timestamp, "Timestamp").map_err(|_| AuthError::DateMissing)?;
        if filled(self.signature_version, "SignatureVersion")? != "1.0" {
            return Err(AuthError::Invalid("SignatureVersion"));
        }
        let action = filled(self.action, "Action")?;
        let version = filled(self.version, "Version")?;
        // Legacy clients send these headers too. They are not signed: only the query counts, and they may not contradict it.
        agree(Some(action), single(headers, "x-acs-action")?, "Action")?;
        agree(Some(version), single(headers, "x-acs-version")?, "Version")?;
        Ok(Claim {
            view: *view,
            algorithm: Algorithm::from_signature_method(method, self.kind),
            access_key_id,
            security_token: self.security_token.filter(|token| !token.is_empty()),
            action,
            version,
            date,
            unix_seconds: parse_date(date)?,
            nonce,
            format: self.format,
            signature,
            place: Place::Query,
        })
    }

    fn refuse_repeated(&self) -> Result<(), AuthError> {
        self.repeated.map_or(Ok(()), |name| Err(AuthError::Invalid(name)))
    }

    fn slot(&mut self, name: &str) -> Option<(&'static str, &mut Option<&'a str>)> {
        Some(match name {
            "Action" => ("Action", &mut self.action),
            "Version" => ("Version", &mut self.version),
            "Format" => ("Format", &mut self.format),
            "AccessKeyId" => ("AccessKeyId", &mut self.access_key_id),
            "SecurityToken" => ("SecurityToken", &mut self.security_token),
            "Signature" => ("Signature", &mut self.signature),
            "SignatureMethod" => ("SignatureMethod", &mut self.method),
            "SignatureVersion" => ("SignatureVersion", &mut self.signature_version),
            "SignatureType" => ("SignatureType", &mut self.kind),
            "SignatureNonce" => ("SignatureNonce", &mut self.nonce),
            "Timestamp" => ("Timestamp", &mut self.timestamp),
            "BearerToken" => ("BearerToken", &mut self.bearer),
            _ => return None,
        })
    }
}

fn agree<'a>(
    query: Option<&'a str>,
    header: Option<&'a str>,
    name: &'static str,
) -> Result<Option<&'a str>, AuthError> {
    match (query, header) {
        (Some(query), Some(header)) if query != header => Err(AuthError::Invalid(name)),
        (query, header) => Ok(query.or(header)),
    }
}

"""The HTTP application: `app.create` puts it together, `routes` holds its few handlers, `batches` many checks at once,
`problems` its errors (RFC 9457), `guard` what every request must satisfy, `bounds` what it may take, `access` who may
ask what."""

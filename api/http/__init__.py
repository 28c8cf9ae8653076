"""The HTTP application: `app.create` puts it together, `routes` holds its few handlers, `batches` many
checks at once, `problems` its errors
(RFC 9457), `guard` what every request must satisfy, `access` who may ask what."""

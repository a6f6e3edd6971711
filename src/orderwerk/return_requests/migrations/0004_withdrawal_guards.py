"""Photos and statements of withdrawal belong to their order and never change; numbers come from a series of their own."""

from django.db import migrations

FORWARD = r"""create sequence return_requests_withdrawal_number start 1001;

create trigger return_requests_photo_append_only before update or delete or truncate on return_requests_photo
  for each statement execute function refuse_change();
create trigger return_requests_withdrawal_append_only before update or delete or truncate on return_requests_withdrawal
  for each statement execute function refuse_change();

alter table return_requests_photo add constraint return_requests_photo_request_fk foreign key (order_id, shop_id, request_id) references return_requests_request (order_id, shop_id, id);
alter table return_requests_photo add constraint return_requests_photo_size check (octet_length(content) between 1 and 5242880);
alter table return_requests_withdrawal add constraint return_requests_withdrawal_order_fk foreign key (shop_id, order_id) references orders_order (shop_id, id);
alter table return_requests_withdrawal add constraint return_requests_withdrawal_request_fk foreign key (order_id, shop_id, request_id) references return_requests_request (order_id, shop_id, id);
alter table return_requests_withdrawal add constraint return_requests_withdrawal_clean_text check (is_clean_text(name) and is_clean_text(email) and is_clean_text(number) and is_clean_json(lines) and length(name) between 1 and 200 and length(email) between 3 and 254 and length(number) <= 60 and jsonb_typeof(lines) = 'array');
"""


class Migration(migrations.Migration):
    dependencies = [
        ("return_requests", "0003_photos_and_withdrawals"),
        ("core", "0003_guards"),
    ]
    operations = [migrations.RunSQL(FORWARD)]

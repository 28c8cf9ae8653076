"""The engine room: what a check means, done.

check, group        `check` and `check_group` · question, document  what goes in and comes out · canonical  its bytes
situation, firing   evidence asserted to the rules engine · judge, timing, conditions, truth  every firing proved again
measures, views     the explanation · boundaries  until · lifting  lifted_by and if_wrong · gaps  what is not known
ledger, replay      who asked what, and the same answer again · responses  what was done with it
scenarios           the catalogue's own tests
"""

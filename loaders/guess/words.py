"""Words by which headers name what Xinheng knows, in Chinese and English, those of 双公示 among them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping

WORDS: Mapping[str, str] = {
    "uscc": (
        "统一社会信用代码 社会信用代码 统一信用代码 信用代码 行政相对人代码 行政相对人代码_1 "
        "统一代码 uscc credit_code unified_social_credit_code social_credit_code xydm"
    ),
    "registration_number": "工商注册号 注册号 工商登记码 registration_number",
    "organisation_code": "组织机构代码 organisation_code organization_code",
    "lei": "lei",
    "stock_code": "股票代码 证券代码 stock_code",
    "citizen_id": "公民身份号码 身份证号 身份证号码 居民身份证号 id_card citizen_id",
    "name": (
        "企业名称 公司名称 单位名称 机构名称 组织名称 名称 主体名称 纳税人名称 行政相对人名称 "
        "相对人名称 被处罚单位 被处罚单位名称 当事人名称 被执行人名称 失信主体名称 许可证持有人 "
        "company_name company enterprise_name organisation_name organization_name entity_name "
        "name"
    ),
    "person": "姓名 自然人姓名 被执行人姓名 person_name",
    "legal_representative": (
        "法定代表人 法定代表人姓名 法人代表 法人代表姓名 法定代表人(负责人)姓名 legal_representative legal_rep"
    ),
    "kind": "企业类型 公司类型 主体类型 市场主体类型 行政相对人类别 company_type",
    "established_on": (
        "成立日期 注册日期 设立日期 成立时间 established_on established incorporation_date date_of_incorporation"
    ),
    "capital": "注册资本 注册资金 registered_capital",
    "shareholder": "股东 股东名称 股东姓名 shareholder shareholder_name",
    "share": "持股比例 出资比例 股权比例 share shareholding percentage",
    "number": (
        "处罚决定书文号 行政处罚决定书文号 决定书文号 文号 文书号 案号 许可文书号 "
        "行政许可决定文书号 许可证编号 document_number case_number penalty_number"
    ),
    "department": (
        "处罚机关 作出机关 决定机关 处罚部门 许可机关 列入机关 作出列入决定机关 认定部门 执法机关 "
        "发布机关 执行法院 authority department issuing_department competent_department "
        "labor_bureau body"
    ),
    "decided_on": (
        "作出日期 处罚日期 处罚决定日期 作出处罚决定日期 决定日期 许可决定日期 列入日期 认定日期 "
        "立案日期 立案时间 decision_date decided_on penalty_date decided prosecution_date "
        "date"
    ),
    "acted_on": "违法日期 违法行为发生日期 acted_on",
    "effective_from": "有效期自 生效日期 effective_from start_date valid_from",
    "effective_to": "有效期至 失效日期 截止日期 effective_to end_date valid_to",
    "publicity_from": "公示日期 公示开始日期 公告日期 publicity_from notice_date",
    "publicity_to": "公示截止期 公示截止日期 公示结束日期 publicity_to",
    "amount": "罚款金额 处罚金额 罚没金额 欠税金额 罚款金额(万元) amount fine penalty_amount",
    "code": "code 代码 编码",
}
RECORD = frozenset(
    ("number", "department", "decided_on", "acted_on", "effective_from", "effective_to", "publicity_from")
) | {"publicity_to", "amount"}
DATES = frozenset(meaning for meaning in WORDS if meaning.endswith(("_on", "_from", "_to")))
_MEANINGS = {word: meaning for meaning, words in WORDS.items() for word in words.split()}
_BRACKETS = re.compile(r"^([^()]*)\(([^()]*)\)$")


def meaning_of(header: str) -> str | None:
    """What a header says, by the whole of it, or by the part before or inside its brackets; never by a part of a word:
    处罚机关统一社会信用代码 is the code of somebody else.

    >>> meaning_of("法定代表人"), meaning_of("注册资本（万元）"), meaning_of("行政相对人代码_1（统一社会信用代码）")
    ('legal_representative', 'capital', 'uscc')
    >>> meaning_of("处罚机关统一社会信用代码")
    """
    return next((_MEANINGS[one] for one in _spellings(header) if one in _MEANINGS), None)


def in_ten_thousands(header: str) -> bool:
    """Whether a header says that its numbers are 万元."""
    return "万元" in header


def _spellings(header: str) -> Iterator[str]:
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", unicodedata.normalize("NFKC", header).strip())
    whole = re.sub(r"[\s-]+", "_", plain.lower())
    yield whole
    if found := _BRACKETS.match(whole):
        yield from (part.strip("_") for part in found.groups())

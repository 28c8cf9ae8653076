"""The words in which answers are shown, Chinese first."""

from __future__ import annotations

from collections.abc import Mapping

OUTCOMES: Mapping[str, tuple[str, str]] = {
    "deny": ("不予", "red"),
    "restrict": ("限制", "red"),
    "revoke_honour": ("撤销荣誉", "magenta"),
    "strict_review": ("从严审查", "yellow"),
    "heighten_supervision": ("加强监管", "yellow"),
    "publicise": ("公示", "yellow"),
    "remind": ("提示", "cyan"),
    "none": ("无惩戒措施", "green"),
    "incomplete": ("证据不全，不能得出结论", "yellow"),
    "fast_track": ("绿色通道", "green"),
    "priority": ("优先", "green"),
    "reduce_inspection": ("减少检查", "green"),
    "support": ("支持", "green"),
}
LINKS: Mapping[str, str] = {
    "legal_representative": "法定代表人",
    "principal": "负责人",
    "operator": "经营者",
    "managing_partner": "执行事务合伙人",
    "director": "董事",
    "supervisor": "监事",
    "senior_manager": "高级管理人员",
    "shareholder": "股东",
    "actual_controller": "实际控制人",
    "employee": "员工",
    "manages": "管理关系",
    "branch_of": "分支机构",
}
HOLDS: Mapping[str, tuple[str, str]] = {
    "now": ("现任", "now"),
    "at_event": ("事发时", "at the event"),
    "after_event": ("事后", "after it"),
}
SEVERITIES: Mapping[str, str] = {"minor": "轻微", "general": "一般", "serious": "严重"}
LEVELS: Mapping[str, str] = {
    "law": "法律",
    "administrative_regulation": "行政法规",
    "cpc_sc_document": "中共中央、国务院文件",
    "local_regulation": "地方性法规",
    "judicial_interpretation": "司法解释",
    "departmental_rule": "部门规章",
    "normative_document": "规范性文件",
    "memorandum": "合作备忘录",
}
IDENTITIES: Mapping[str, str] = {"verified": "身份已核实", "ambiguous": "身份不明确", "unknown": "库中没有"}
GAPS: Mapping[str, str] = {
    "missing_date": "缺少日期",
    "missing_severity": "缺少严重程度",
    "missing_field": "缺少字段",
    "missing_in_question": "提问缺少",
    "missing_amount": "缺少金额",
    "undecided_term": "期限未定",
    "undated_link": "关联起始日期不明",
    "missing_share": "缺少持股比例",
    "missing_finding": "缺少责任认定",
    "unidentified_holder": "关联人身份不明",
    "never_loaded": "名单从未归集",
    "overdue": "名单逾期未更新",
    "nothing_consulted": "没有任何数据来源",
}
ANSWERS: Mapping[str, str] = {"applied": "已采取", "not_applied": "未采取"}
REASONS: Mapping[str, str] = {
    "repaired": "信用已修复",
    "record_wrong": "记录有误或已撤销",
    "wrong_subject": "主体或关联认定有误",
    "out_of_scope": "不属于适用情形",
    "discretion": "依法裁量不予采取",
    "stayed": "已依法暂停执行",
    "withdrawn": "申请已撤回或终止",
    "other": "其他",
}


def outcome_style(outcome: str) -> str:
    return OUTCOMES.get(outcome, ("", "white"))[1]


def outcome_words(outcome: str) -> str:
    """``不予 deny``."""
    return f"{OUTCOMES.get(outcome, ('', ''))[0]} {outcome}"

"""Which heading of a roster means which field. Headings are compared without spaces, line breaks and brackets."""

import re
import unicodedata

SKIPPED = "skipped"  # columns that are understood and say nothing about a person
BIRTH, PLACE_DISTRICT, PLACE_STREET, PLACE_COMMUNITY = "birth", "district", "street", "community"
PLACE = (PLACE_DISTRICT, PLACE_STREET, PLACE_COMMUNITY)
UNIT = "unit"

# field: heading people use, the first as our own template has it
HEADINGS: dict[str, tuple[str, ...]] = {
    SKIPPED: ("序号", "编号", "错误说明", "no"),
    "name": ("姓名", "名字", "人员姓名", "老干部姓名", "干部姓名"),
    "former_name": ("曾用名",),
    "sex": ("性别",),
    BIRTH: ("出生日期", "出生年月", "出生年月日", "生日", "出生时间"),
    "id_number": (
        "身份证号", "身份证号码", "公民身份号码", "公民身份证号码", "居民身份证号码", "证件号", "证件号码", "身份证",
        "身份证件号码", "有效证件号码", "居民身份证号",
    ),
    "ethnicity": ("民族",),
    "native_place": ("籍贯",),
    "joined_work_on": (
        "参加工作时间", "参加工作日期", "参加工作年月", "工作时间", "参工时间", "参加革命工作时间", "参加革命时间",
    ),
    "revolution_period": ("参加革命工作时期", "参加革命时期", "革命时期"),
    "political_status": ("政治面貌", "党派", "政治面目"),
    "party_joined_on": ("入党时间", "入党日期", "入党年月", "加入党派时间", "参加党派时间"),
    "original_unit": ("原工作单位", "原单位", "工作单位", "退休前单位", "离退休前单位", "原工作单位名称", "离退休单位"),
    UNIT: ("现管单位", "管理单位", "单位全称", "所属单位", "单位名称", "服务管理单位"),
    "original_post": (
        "原职务", "职务", "职务职级", "退休前职务", "原任职务", "离退休前职务", "原工作单位及职务", "原职务职级",
    ),
    "category": ("人员类别", "人员性质", "编制类型", "身份类别"),
    "rank": ("职级", "级别", "职务层次", "行政级别", "原职级", "职级待遇"),
    "treatment": ("现享受待遇", "享受待遇", "待遇", "享受待遇级别", "待遇级别"),
    "kind": ("离退休类别", "离退休类型", "离退类别", "离退休", "退休类别", "类别", "离退休性质"),
    "retired_on": (
        "离退休时间", "退休时间", "离休时间", "离退休日期", "退休日期", "退休年月", "离退休年月", "离退时间",
    ),
    "phone": (
        "手机号码", "手机号", "手机", "移动电话", "联系电话", "联系方式", "本人手机", "手机电话", "电话号码", "电话",
    ),
    "landline": ("固定电话", "座机", "办公电话", "住宅电话", "家庭电话", "宅电", "办公电话座机"),
    PLACE_DISTRICT: (
        "居住地区市", "居住区市", "区市", "居住地区", "所在区市", "现居住区市", "居住区", "区县", "居住地区县",
    ),
    PLACE_STREET: ("街道", "街道镇", "镇街", "所属街道", "居住街道", "街道乡镇", "乡镇街道", "镇街道"),
    PLACE_COMMUNITY: (
        "社区", "社区村", "居住社区", "所属社区", "村社区", "居住地社区", "村居", "所在社区", "报到社区",
    ),
    "residence_address": (
        "详细地址", "现居地址", "居住地址", "家庭住址", "住址", "现住址", "现居住地址", "家庭地址", "居住地详细地址",
        "现居住地", "常住地址", "地址", "居住地",
    ),
    "household_address": ("户籍地址", "户口所在地", "户籍所在地", "户籍地"),
    "living_situation": ("居住状态", "居住状况", "居住情况"),
    "resettled_on": ("易地安置时间", "安置时间"),
    "resettled_to": ("易地安置地", "安置居住地", "安置地"),
    "education": ("文化程度", "学历", "文化水平"),
    "title": ("职称", "技术职称", "专业技术职务"),
    "skills": ("专业特长", "特长", "擅长", "技能特长"),
    "interests": ("兴趣爱好", "爱好", "兴趣"),
    "health": ("健康状况", "身体状况", "健康情况", "身体健康状况"),
    "mobility": ("活动能力", "行动能力"),
    "emergency_name": ("紧急联系人", "紧急联系人姓名", "家属姓名"),
    "emergency_relation": ("与本人关系", "紧急联系人关系", "家属关系"),
    "emergency_phone": ("紧急联系电话", "紧急联系人电话", "家属电话", "紧急联系人手机"),
}  # fmt: skip

_BRACKETS = re.compile(r"[（(\[【].*?[）)\]】]")
_NOISE = re.compile(r"[\s*＊:：/、·．.\-_'\"“”]+")


def plain(heading: object) -> str:
    """A heading as it is compared: 「职务\\r\\n（职级）」 → 职务; 「* 身份证号：」 → 身份证号."""
    text = unicodedata.normalize("NFKC", str(heading)).replace("离(退)休", "离退休")
    return _NOISE.sub("", _BRACKETS.sub("", text)).lower()


_FIELDS = {plain(heading): field for field, headings in HEADINGS.items() for heading in headings}


def field_of(heading: object) -> str | None:
    """The field a heading means; None when nobody knows it."""
    return _FIELDS.get(plain(heading))


def title_of(field: str) -> str:
    """The heading of our own template for a field."""
    return HEADINGS[field][0]

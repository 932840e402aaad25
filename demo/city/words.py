# ruff: noqa: E501, SIM905 -- word lists
"""Words a city is made of. Surnames and given names by how common they are around here and in each generation."""

from .chance import Weighted, words

SURNAMES = words(
    "王 105 李 78 张 75 刘 66 陈 32 杨 30 赵 27 孙 34 周 18 徐 22 吴 16 马 16 朱 14 胡 12 郭 13 何 9 高 17 林 10 郑 8 "
    "谢 6 宋 14 唐 6 许 7 邓 4 冯 7 韩 11 曹 9 彭 5 蔡 4 潘 4 田 8 董 9 袁 6 于 20 叶 3 蒋 4 杜 7 苏 6 魏 7 程 7 吕 8 丁 9 "
    "沈 4 任 7 姚 5 卢 5 钟 3 姜 13 崔 8 范 5 汪 3 陆 3 金 5 石 5 贾 5 夏 5 邱 4 方 4 侯 5 邹 4 孟 6 秦 4 白 4 江 6 薛 9 "
    "尹 5 段 3 史 4 陶 3 贺 3 毛 4 郝 3 邵 5 万 4 钱 2 孔 5 常 3 康 3 牛 3 葛 4 邢 4 安 3 齐 3 曲 7 逄 5 臧 4 纪 6 矫 4 "
    "辛 4 隋 4 迟 4 綦 3 法 2 管 5 毕 4 鞠 3 栾 3 解 3 殷 3 盛 2 修 3 尚 2 兰 2 车 2 耿 3 滕 2 梁 6 黄 8 罗 4 欧阳 1"
)
# Given names by sex and by generation: born before 1946, 1946 to 1957, from 1958.
GIVEN = {
    (
        "M",
        0,
    ): "德胜 玉山 振山 永福 世昌 兆祥 守业 宝田 鸿恩 继先 景春 传德 学礼 明德 茂林 延年 福祥 树森 培基 云亭 炳南 "
    "国祯 长贵 士杰 金堂 春圃 同善 志远 耀先 维新 廷栋 凤鸣 文斋 子明",
    (
        "F",
        0,
    ): "秀英 桂英 玉兰 淑贞 素珍 凤英 桂兰 秀兰 玉珍 瑞芝 月娥 惠芳 佩兰 秀芝 翠英 淑兰 玉梅 素梅 兰英 秀荣 凤兰 "
    "桂芝 淑华 慕兰 爱莲 雪琴 静贞 云芳",
    (
        "M",
        1,
    ): "建国 国庆 建华 志强 保国 援朝 卫国 和平 解放 建军 新民 跃进 胜利 振华 永强 国栋 光明 立新 学文 玉祥 德海 "
    "洪波 世平 延春 福生 兴华 明 刚 平 洪亮 家驹 思成 正义 克俭 忠民 承志",
    (
        "F",
        1,
    ): "秀芳 丽华 爱华 淑芬 玉华 建华 桂芳 美玲 秀云 春华 爱玲 淑英 桂荣 玉芳 秀珍 敏 静 爱民 惠珍 莉 萍 瑞华 "
    "翠兰 美华 淑敏 亚琴 凤琴 京生",
    (
        "M",
        2,
    ): "卫东 伟 军 勇 强 磊 涛 海涛 志刚 建平 永军 晓东 学军 国强 红军 建伟 立军 宏伟 振宇 海波 健 波 鹏 斌 晓明 "
    "克勤 守信 世杰 泽民 青 岩 晓峰 延青 培良",
    (
        "F",
        2,
    ): "红 丽 敏 静 艳 燕 霞 丽萍 晓红 卫红 建英 玉红 海燕 丽娟 春梅 雪梅 晓玲 瑞芳 青 玲 爱红 文 颖 洁 岩 桂香 "
    "淑红 永红 芳",
}
GIVEN_LISTS = {key: text.split() for key, text in GIVEN.items()}
YOUNG = "伟 磊 静 敏 超 洋 艳 娜 婷 鹏 浩 杰 丹 娟 晓琳 海宁 雪 明明 文静 志鹏 雅楠 晨 凯 欣 佳 璐 倩 丽娜 鑫 宁".split()

ETHNICITY = Weighted([("01", 976), ("11", 8), ("03", 7), ("10", 4), ("02", 3), ("08", 1), ("15", 1)])
PARTY = Weighted(
    [
        ("cpc", 850),
        ("masses", 100),
        ("minmeng", 11),
        ("jiusan", 9),
        ("minjian", 8),
        ("minge", 7),
        ("minjin", 6),
        ("nonggong", 6),
        ("zhigong", 3),
    ]
)
EDUCATION = {
    0: words("primary 14 junior 26 high 20 secondary_vocational 20 college 14 bachelor 6"),
    1: words("junior 12 high 22 secondary_vocational 22 college 30 bachelor 13 master 1"),
    2: words("high 8 secondary_vocational 12 college 34 bachelor 38 master 7 doctor 1"),
}
HEALTH = {
    0: words("good 20 fair 28 chronic 28 weak 16 dependent 6 hospital 2"),
    1: words("good 42 fair 30 chronic 23 weak 4 dependent 1"),
    2: words("good 66 fair 22 chronic 11 weak 1"),
}
MOBILITY = {
    "good": "free",
    "fair": "free",
    "chronic": "free",
    "weak": "aided",
    "dependent": "bedridden",
    "hospital": "aided",
}
LIVING = {
    0: words("spouse 30 children 26 empty_nest 16 alone 14 carer 8 institution 6"),
    1: words("spouse 55 children 20 empty_nest 14 alone 8 carer 2 institution 1"),
    2: words("spouse 72 children 16 empty_nest 6 alone 6"),
}
INTERESTS = (
    "calligraphy painting photography chorus opera instrument dance recitation taichi walking table_tennis badminton"
    " gateball swimming chess fishing gardening reading writing handicraft collecting travel smartphone cooking history"
    " volunteering"
).split()
NEEDS = words(
    "outpatient 16 checkup 20 family_doctor 14 medicine 9 rehabilitation 6 health_talk 12 courses 15 reading_room 6"
    " arts 10 sports 9 digital 14 emergency_aid 1 serious_illness 2 legal_aid 2 meals 16 cleaning 8 repairs 9 bathing 4"
    " ageing_home 6 day_care 4 companionship 7 counselling 2 festivals 6 volunteer_post 7 lecture_post 3 mediation_post 3"
)
SKILLS = (
    "公文写作 书法教学 摄影摄像 法律咨询 财务审计 医疗保健 英语 计算机 调解矛盾 党课宣讲 科普讲座 声乐指导 舞蹈编排 农技推广 "
    "城建规划 青少年辅导 心理疏导 文史研究"
).split()
NATIVE = words(
    "山东青岛 40 山东即墨 12 山东胶州 10 山东平度 10 山东莱西 8 山东黄岛 8 山东烟台 10 山东潍坊 9 山东临沂 8 山东济南 5 "
    "山东日照 4 江苏徐州 2 江苏南京 2 河北沧州 2 辽宁大连 2 上海 2 浙江宁波 1 河南商丘 2 安徽阜阳 1 四川成都 1"
)
MOBILE = (
    "130 131 132 133 134 135 136 137 138 139 150 151 152 153 155 156 157 158 159 177 178 180 181 182 183 185 186 187"
    " 188 189"
).split()
# Region codes that numbers issued to local people begin with; the towns of today had codes of their own then.
REGIONS = words(
    "370202 30 370203 26 370204 8 370205 16 370211 12 370212 8 370213 12 370214 6 370222 8 370281 5 370282 9 370283 6"
    " 370284 7 370285 5 370602 3 370702 3 372801 2 370102 2 320302 1 210202 1 130902 1"
)
# 原职务, code of the rank, category, weight; by nature of the unit.
POSTS = {
    "organ": Weighted(
        [
            (("局长", "bureau_1", "civil_servant"), 3),
            (("副局长", "bureau_2", "civil_servant"), 12),
            (("二级巡视员", "bureau_2", "civil_servant"), 8),
            (("处长", "county_1", "civil_servant"), 90),
            (("调研员", "county_1", "civil_servant"), 130),
            (("副处长", "county_2", "civil_servant"), 100),
            (("副调研员", "county_2", "civil_servant"), 120),
            (("科长", "section_1", "civil_servant"), 120),
            (("主任科员", "section_1", "managed_as_civil_servant"), 140),
            (("副主任科员", "section_2", "managed_as_civil_servant"), 70),
            (("科员", "clerk", "civil_servant"), 50),
            (("驾驶员", "other", "manual"), 20),
        ]
    ),
    "institution": Weighted(
        [
            (("院长", "county_1", "institution"), 10),
            (("副院长", "county_2", "institution"), 20),
            (("教授", "other", "institution"), 40),
            (("副教授", "other", "institution"), 70),
            (("教师", "other", "institution"), 160),
            (("主任医师", "other", "institution"), 70),
            (("主管护师", "other", "institution"), 60),
            (("高级工程师", "other", "institution"), 80),
            (("办公室主任", "section_1", "institution"), 60),
            (("会计", "clerk", "institution"), 40),
        ]
    ),
    "enterprise": Weighted(
        [
            (("总经理", "county_1", "soe_manager"), 8),
            (("副总经理", "county_2", "soe_manager"), 20),
            (("车间主任", "section_1", "soe_manager"), 60),
            (("工会主席", "section_1", "soe_manager"), 20),
            (("高级工程师", "other", "soe_manager"), 60),
            (("技师", "other", "soe_worker"), 80),
            (("会计师", "section_2", "soe_manager"), 40),
        ]
    ),
}
# The district's own posts are a grade lower.
LOWER = {"bureau_1": "county_1", "bureau_2": "county_2", "county_1": "section_1", "county_2": "section_2"}
RANKS_OF_LEADERS = ("bureau_1", "bureau_2", "county_1", "county_2")
RELATIONS = {
    "M": ("son", "spouse", "son_in_law", "grandchild"),
    "F": ("daughter", "spouse", "daughter_in_law", "grandchild"),
}
RELATION_WORDS = {
    "son": "儿子",
    "daughter": "女儿",
    "spouse": "配偶",
    "son_in_law": "女婿",
    "daughter_in_law": "儿媳",
    "grandchild": "孙辈",
}
REMARKS = (
    "联系电话换了，请按新号码联系。",
    "户口本上的出生日期和档案不一样，请核对。",
    "参加工作时间应为下乡那年，请单位看一下。",
    "单位已更名，请核对现在的名称。",
    "职级写低了一级，请核对。",
)
RETURN_WORDS = {
    "address_unclear": "请写清楚楼号、单元和户号。",
    "not_living_here": "上门没有找到您，请核对现在住哪里。",
    "identity_mismatch": "身份证号和名册对不上，请带身份证来看一下。",
    "phone_unreachable": "打了两次电话都没有接通，请留一个能打通的号码。",
    "consent_missing": "请在同意书上签字。",
    "other": "请补一张户口本首页的照片。",
}
RETURN_REASONS = words(
    "address_unclear 40 phone_unreachable 25 not_living_here 14 identity_mismatch 12 consent_missing 6 other 3"
)
WITHDRAW_WORDS = ("暂时不想报到", "填错了，重新填", "准备搬家", "先和孩子商量一下")
FORWARD_WORDS = ("住址属于另一个社区", "已经搬到另一个社区", "以路为界，门牌是对面社区的")
UNDO_WORDS = ("点错了人", "同名同姓，确认错了", "住址还要再核一次")
END_WORDS = ("随子女长期到外地居住", "由原单位统一管理", "重复登记，合并处理")

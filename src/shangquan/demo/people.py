"""Who works in the demo district, and who carries its phones."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Login:
    title: str
    username: str
    name: str
    role: str
    path: str
    merchant: str = ""
    password: str = "qiwuli-2026"


LOGINS = (
    Login("商圈管理员  owner", "owner", "王琪", "owner_admin", "/console/"),
    Login("商圈运营  operations", "operations", "何屿", "owner_operations", "/console/"),
    Login("商圈财务·经办  finance, maker", "finance", "许知夏", "owner_finance", "/console/"),
    Login("商圈财务·复核  finance, checker", "checker", "沈一白", "owner_finance", "/console/"),
    Login("小禾童装·店长  merchant A", "xiaohe", "周岚", "merchant_admin", "/console/", "小禾童装"),
    Login("小禾童装·收银  till A", "till-a", "周小满", "cashier", "/till/", "小禾童装"),
    Login("阿橘玩具·店长  merchant B", "aju", "陆橙", "merchant_admin", "/console/", "阿橘玩具"),
    Login("阿橘玩具·收银  till B", "till-b", "江可", "cashier", "/till/", "阿橘玩具"),
)

FAMILY = "林陈黄李王吴刘张杨周徐孙马朱胡郭何高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷龙黎史陶贺顾毛郝龚邵万钱严覃武莫孔汤向"
GIVEN = (
    "晓 默 安 宁 可 一 言 舟 禾 遥 青 野 夏 晴 朗 乔 悠 然 知 予 念 初 星 语 彤 诺 凡 溪 澄 沐 书 辰 子墨 若溪 思远 雨桐 梓涵 欣怡 "
    "浩然 嘉禾 明轩 佳宁 文博 心悦 一诺 慕白 清越 语晨 星野 予安 知秋 望舒 南枝 听澜 长宁 小满 立夏 白露 霜降 惊蛰"
).split()

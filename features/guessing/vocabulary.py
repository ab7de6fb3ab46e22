"""What the columns of orders are called in English, Chinese, German, French and Spanish."""

from typing import Literal

Role = Literal[
    "order",
    "ordered_at",
    "customer",
    "amount",
    "product",
    "quantity",
    "discount",
    "store",
    "channel",
    "unit_price",
    "time_of_day",
    "currency",
    "country",
    "other",
]
"""Canonical columns of orders, what helps to compute them, and everything else."""

Language = Literal["en", "zh_hant", "zh_hans", "de", "fr", "es"]

VOCABULARY: dict[Role, dict[Language, str]] = {
    "order": {
        "en": "order basket invoice receipt transaction bill ticket orderref cart purchase",
        "zh_hant": "訂單 單號 交易序號 交易 發票 發票號碼 收據 購物籃 銷貨單 帳單",
        "zh_hans": "订单 单号 交易 交易流水 发票 发票号码 小票 小票号 销售单 流水号",
        "de": "bestellung bestell auftrag auftrags rechnung rechnungs bon kassenbon beleg",
        "fr": "commande facture panier ticketdecaisse achat",
        "es": "pedido factura compra recibo cesta boleta",
    },
    "ordered_at": {
        "en": "date datetime timestamp time day orderdate orderedat ordertime purchasedate "
        "invoicedate transactiondate transactiontime createdat purchasedat soldat saledate "
        "orderpurchasetimestamp",
        "zh_hant": "日期 訂單日期 交易日期 交易時間 訂購日期 下單時間 下單日期 消費日期 購買日期 "
        "銷售日期 結帳時間 建立時間 付款時間 發票日期 時間 銷貨日期",
        "zh_hans": "订单日期 交易日期 交易时间 下单时间 下单日期 消费日期 购买日期 销售日期 "
        "结账时间 创建时间 付款时间 发票日期 时间 支付时间",
        "de": "datum bestelldatum kaufdatum rechnungsdatum auftragsdatum zeitpunkt belegdatum "
        "verkaufsdatum zeitstempel buchungsdatum",
        "fr": "dateachat datecommande datefacture datedachat datedecommande horodatage datevente",
        "es": "fecha fechapedido fechacompra fechafactura fechaventa fechadecompra fechadepedido",
    },
    "customer": {
        "en": "customer client member household user buyer shopper cust cardholder loyaltycard "
        "account consumer visitor patron",
        "zh_hant": "會員 客戶 顧客 用戶 買家 會員卡 會員卡號 消費者 客戶別 使用者",
        "zh_hans": "会员 客户 顾客 用户 买家 会员卡 会员卡号 消费者",
        "de": "kunde kunden kundin mitglied käufer kundenkarte kundenkarten debitor",
        "fr": "clients acheteur adhérent cartefidélité codeclient",
        "es": "cliente clientes comprador socio usuario",
    },
    "amount": {
        "en": "amount sales salesvalue sale revenue total linetotal paid totalprice totalamount "
        "value netamount spend turnover subtotal grosssales netsales extendedprice linevalue "
        "salesamount amountpaid totalsales payment",
        "zh_hant": "金額 小計 銷售額 銷售金額 消費金額 交易金額 實付金額 總價 總額 總金額 合計 "
        "實收金額 應付金額 銷貨金額",
        "zh_hans": "金额 小计 销售额 销售金额 消费金额 交易金额 实付金额 总价 总额 总金额 合计 "
        "实收金额",
        "de": "betrag umsatz summe gesamt gesamtpreis gesamtbetrag erlös zeilensumme "
        "positionsbetrag",
        "fr": "montant chiffredaffaires prixtotal montanttotal montantttc somme ca",
        "es": "importe monto ventas totalventa valor importetotal preciototal venta",
    },
    "product": {
        "en": "product item sku stockcode article upc ean barcode asin material goods productcode "
        "plu",
        "zh_hant": "商品 產品 品項 品號 貨號 料號 條碼 商品條碼 國際條碼 品名",
        "zh_hans": "商品 产品 品项 货号 条码 商品条码 物料 品名",
        "de": "artikel produkt ware artikelnr",
        "fr": "produit article référence refproduit codearticle",
        "es": "producto artículo códigoproducto referencia",
    },
    "quantity": {
        "en": "quantity qty units count pieces pcs unitssold quantityordered orderqty numunits",
        "zh_hant": "數量 件數 銷量 銷售數量 購買數量 訂購數量",
        "zh_hans": "数量 件数 销量 销售数量 购买数量",
        "de": "menge anzahl stück stückzahl",
        "fr": "quantité qté nombre",
        "es": "cantidad unidades cant",
    },
    "discount": {
        "en": "discount disc rebate markdown coupondisc discountamount promotiondiscount",
        "zh_hant": "折扣 折讓 優惠 折扣金額 優惠金額 折價",
        "zh_hans": "折扣 折让 优惠 折扣金额 优惠金额",
        "de": "rabatt nachlass skonto rabattbetrag",
        "fr": "remise rabais réduction remisemontant",
        "es": "descuento rebaja bonificación",
    },
    "store": {
        "en": "store shop branch outlet location warehouse site storename pos",
        "zh_hant": "門市 分店 店號 店鋪 店舖 店別 店名 據點",
        "zh_hans": "门店 分店 店铺 店号 网点",
        "de": "filiale filial standort laden geschäft markt",
        "fr": "magasin boutique pointdevente agence",
        "es": "tienda sucursal local almacén",
    },
    "channel": {
        "en": "channel saleschannel platform orderchannel medium",
        "zh_hant": "通路 銷售通路 管道 平台 銷售管道",
        "zh_hans": "渠道 销售渠道 平台",
        "de": "kanal vertriebskanal vertriebsweg bestellkanal",
        "fr": "canal canaldevente",
        "es": "canaldeventa plataforma canalventa",
    },
    "unit_price": {
        "en": "price unitprice priceperunit unitcost sellingprice listprice priceeach itemprice "
        "rate",
        "zh_hant": "單價 售價 價格 定價 商品單價",
        "zh_hans": "单价 售价 价格 定价 商品单价",
        "de": "preis einzelpreis stückpreis verkaufspreis",
        "fr": "prix prixunitaire pu",
        "es": "precio preciounitario precioporunidad",
    },
    "time_of_day": {
        "en": "timeofday clock hour transtime",
        "zh_hant": "時間 時刻 交易時間",
        "zh_hans": "时间 时刻 交易时间",
        "de": "uhrzeit zeit",
        "fr": "heure",
        "es": "hora",
    },
    "currency": {
        "en": "currency currencycode curr",
        "zh_hant": "幣別 幣種 貨幣",
        "zh_hans": "币种 货币",
        "de": "währung",
        "fr": "devise monnaie",
        "es": "moneda divisa",
    },
    "country": {
        "en": "country region market nation",
        "zh_hant": "國家 地區 國別",
        "zh_hans": "国家 地区",
        "de": "land",
        "fr": "pays",
        "es": "país",
    },
    "other": {
        "en": "description name city state province zip postcode email phone address category "
        "brand department week month year weekday age gender sex birthday birthdate comment note "
        "status row line index url sheet segment color size weight tax vat cost margin profit "
        "shipping shipdate deliverydate duedate delivered updatedat modified shipmode rank type "
        "mode match rowid lineid linenumber manufacturer subcategory income latitude longitude "
        "rating score commodity title birth deliveredat shippedat estimateddeliverydate "
        "cancelledat",
        "zh_hant": "名稱 姓名 備註 地址 城市 縣市 電話 手機 信箱 類別 分類 品牌 生日 性別 年齡 "
        "狀態 描述 說明 序號 項次 稅額 成本 出貨日期 到貨日期 付款方式 星期 規格 單位 部門 "
        "送達日期",
        "zh_hans": "名称 姓名 备注 地址 城市 电话 手机 邮箱 类别 分类 品牌 生日 性别 年龄 状态 "
        "描述 说明 序号 税额 成本 发货日期 到货日期 付款方式 星期 规格 单位 部门 送达日期",
        "de": "bezeichnung beschreibung name ort stadt plz strasse straße telefon warengruppe "
        "marke geburtsdatum geschlecht alter status bemerkung position zeile mwst steuer kosten "
        "lieferdatum versanddatum kategorie zahlungsart versand",
        "fr": "description nom ville adresse téléphone catégorie marque naissance sexe âge statut "
        "commentaire ligne tva coût libellé désignation livraison datelivraison codepostal",
        "es": "descripción nombre ciudad dirección teléfono categoría marca nacimiento sexo edad "
        "estado comentario línea impuesto iva costo entrega fechaentrega provincia",
    },
}
"""Words without blanks or signs; numbers such as ``Nr.`` and ``編號`` are taken off first."""

NUMBERINGS = (
    "identifier reference nummer number numero codigo code num key id no nr n "
    "編號 編碼 代號 代碼 號碼 號 编号 编码 代码 号码 号"
)
"""Parts of a name that only say that the column numbers something."""

SMALL_WORDS = "the of s a an in de du del des d l la le les el los der die das"
"""Words of a name that say nothing."""
